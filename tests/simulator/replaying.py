"""Replays in memory for the simulator's tests: lines in, rows out. Owns no rule."""

from __future__ import annotations

import io
import json
from typing import Any, NamedTuple

from faregate.app.shelf import load_shelf
from faregate.simulator.replay import Replay
from faregate.simulator.result import EventRow, RequestRow
from faregate.simulator.run import Sink, run


class Seen(NamedTuple):
    """What a run handed out, and the replay as it stands after it."""

    requests: list[RequestRow]
    events: list[EventRow]
    replay: Replay


def replay_bytes(plans: str, content: bytes, *, sort: bool = False) -> Seen:
    shelf = load_shelf()
    replay = Replay(shelf, [shelf.newest(plan) for plan in plans.split(",")])
    seen = Seen([], [], replay)
    run(replay, io.BytesIO(content), "usage.jsonl", Sink(seen.requests.append, seen.events.append), sort)
    return seen


def replay_lines(plans: str, *lines: dict[str, Any], sort: bool = False) -> Seen:
    return replay_bytes(plans, "".join(json.dumps(line) + "\n" for line in lines).encode(), sort=sort)
