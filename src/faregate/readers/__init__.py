"""Readers: the logs that coding tools keep, as requests with their use.

Owns finding, recognising and reading those files, and leaving out what they hold twice. Does not price or replay.

    logs = discover(Path.home(), os.environ)        # or recognise(path) for each path that was named
    reading = read(logs, progress=lambda done, size: ...)
    for request in reading.requests: ...            # LoggedRequest, in the order of time
"""

from faregate.readers.broken_line import REASONS, BrokenLine
from faregate.readers.discover import discover, places
from faregate.readers.kept import KeptReadings
from faregate.readers.log_file import TOOLS, LogFile
from faregate.readers.reading import YEAR, Progress, Reading, ToolCount, read
from faregate.readers.recognise import recognise
from faregate.readers.records import BYTES_EACH, Requests

__all__ = [
    "BYTES_EACH",
    "REASONS",
    "TOOLS",
    "YEAR",
    "BrokenLine",
    "KeptReadings",
    "LogFile",
    "Progress",
    "Reading",
    "Requests",
    "ToolCount",
    "discover",
    "places",
    "read",
    "recognise",
]
