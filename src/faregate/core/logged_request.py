"""A request as a log tells it: when, to which model, with what use, by whom.

Owns the one shape that readers of logs hand to whatever replays them. Does not read files, nor price anything.
"""

from __future__ import annotations

from typing import NamedTuple

from faregate.core.usage import Usage


class LoggedRequest(NamedTuple):
    """One request of a log. ``at`` in microseconds UTC, ``model`` as the log names it.

    ``usage.prompts`` is 1 where the request opens a turn of its user. ``client`` is a caller id such as
    ``claude-code``, ``session`` the conversation it belongs to; either may be empty.
    """

    at: int
    model: str
    usage: Usage
    client: str = ""
    session: str = ""
