"""`python -m faregate`: the command line, where its script is not on the path."""

from faregate.cli.main import main

main()
