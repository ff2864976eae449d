"""The usage file of `faregate simulate`: a JSON object a line.

Owns reading its requests for a comparison. Events of an operator are no requests and are passed by; the simulator
reads the same file more strictly.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO

import msgspec

from faregate.core.usage import Usage
from faregate.readers.broken_line import Broken, BrokenLines
from faregate.readers.decoding import an_object, decoded
from faregate.readers.instants import instant
from faregate.readers.lines import blocks_of_lines
from faregate.readers.records import Records, Row


class UsageLine(msgspec.Struct, gc=False, forbid_unknown_fields=False):
    """A line as documented in simulate.md."""

    at: str = ""
    event: str | None = None
    model: str | None = None
    client: str = ""
    session: str = ""
    prompt: bool = False
    input: int = 0
    cached: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    images: int = 0
    tool: str | None = None
    calls: int = 1

    def row(self) -> Row:
        """The request. Raises Broken."""
        model, calls = self.model, 0
        if self.tool:
            model, calls = f"tool/{self.tool.removeprefix('tool/')}", self.calls
        if not model:
            raise Broken("wrong_shape", "model")
        tokens = (self.input, self.cached, self.cache_write_5m, self.cache_write_1h, self.output, self.images)
        usage = Usage(*tokens, calls, 1, int(self.prompt))
        return Row(instant(self.at), model, self.session, self.client, usage)


_LINE = msgspec.json.Decoder(UsageLine)


def read(source: IO[bytes], path: Path, records: Records, broken: BrokenLines) -> int:
    """Add the requests of one file to ``records``; there are no repeats."""
    for first, lines in blocks_of_lines(source):
        for number, raw in enumerate(lines, first):
            try:
                line = an_object(raw, number)
                if line:
                    read_line = decoded(_LINE, line)
                    if read_line.event is None:
                        records.add(read_line.row())
            except Broken as problem:
                broken.add(path, number, problem.reason, problem.detail)
    return 0
