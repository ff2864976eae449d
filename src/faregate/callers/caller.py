"""The value that recognition yields."""

from __future__ import annotations

from typing import NamedTuple

OTHER = "other"


class Caller(NamedTuple):
    """``client``: stable name, `other` when nothing is known; ``version``: as it says, '' if
    silent.

    ``evidence``: the independent signals that agree: `agent` (User-Agent), `header`, `system`
    (start of the system prompt), `identity` (ids in the body), `carrier` (the SDK this client is
    known to ride on). ``is_coding_tool``: a known coding tool that at least two signals vouch for.
    ``session``: '' if unknown.
    """

    client: str = OTHER
    version: str = ""
    is_coding_tool: bool = False
    evidence: tuple[str, ...] = ()
    session: str = ""
    is_subagent: bool = False
