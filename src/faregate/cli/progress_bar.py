"""A bar of progress on standard error, where somebody watches.

Owns how it is drawn: by the thread that tells it, alone. Workers are copies of the process, and a copy of a thread's
lock would never open again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from faregate.cli.language import say
from faregate.cli.output import console

Progress = Callable[[int, int], None]
"""Called with (done, of all)."""


@contextmanager
def progress_bar(key: str) -> Iterator[Progress | None]:
    """A bar under the words of ``key``; None where standard error is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import Progress as Bar

    with Bar(console=console(stderr=True), transient=True, auto_refresh=False) as bar:
        task = bar.add_task(say(key), total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)
            bar.refresh()

        yield tell
