"""Renders the terminal pictures of the documentation from the real output of real commands.

Owns which commands are pictured and how they look. Draws what a command printed, no line invented.
Run `.venv/bin/python docs/pictures/render.py` after a change of what a pictured command prints.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
COLUMNS = 100
FAREGATE = Path(sys.executable).with_name("faregate")

PICTURES = {
    "demo.svg": ("make demo", [str(FAREGATE), "demo", "--once"]),
}
"""Picture file to what a reader would type and what is run for it."""


def output_of(command: list[str]) -> str:
    """What a command prints on a terminal of COLUMNS columns, colours included."""
    environment = {
        **os.environ,
        "FORCE_COLOR": "1",
        "COLUMNS": str(COLUMNS),
        "TERM": "xterm-256color",
    }
    environment.pop("NO_COLOR", None)
    finished = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, timeout=120, check=True
    )
    return finished.stdout.decode()


def picture(typed: str, output: str, name: str) -> str:
    """An SVG of a terminal in which `typed` printed `output`. It loads nothing from elsewhere."""
    console = Console(
        record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, legacy_windows=False
    )
    console.print(Text.assemble(("$ ", "bold green"), (typed, "bold")))
    console.print(Text.from_ansi(output.rstrip("\n")))
    svg = console.export_svg(title="Faregate", theme=MONOKAI, unique_id=Path(name).stem)
    without_web_fonts = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return without_web_fonts.replace("Fira Code,", "ui-monospace, Menlo, Consolas,").rstrip() + "\n"


def main() -> None:
    """Render every picture."""
    for name, (typed, command) in PICTURES.items():
        (HERE / name).write_text(picture(typed, output_of(command), name), encoding="utf-8")
        print(f"docs/pictures/{name}: {typed}")


if __name__ == "__main__":
    main()
