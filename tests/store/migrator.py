"""A process that brings a database to the newest schema, and may die on the way.

    python -m tests.store.migrator URL [STEP]

Waits for a line on standard input, so that several begin at once. With STEP it ends itself with ``kill -9`` when so
many steps of the migration are done and the next one, or the commit, is to come.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

from faregate.bootstrap.database import migrated
from faregate.store.postgresql import store as postgresql_store
from faregate.store.sqlite import file as sqlite_file


class Deadly(list[str]):
    """Steps, after ``deadly`` of which the process is gone."""

    deadly = 0

    def __getitem__(self, wanted: Any) -> Any:
        return self._until_death(super().__getitem__(wanted))

    def _until_death(self, steps: list[str]) -> Iterator[str]:
        for number, step in enumerate(steps):
            self._die_at(number)
            yield step
        self._die_at(len(steps))

    def _die_at(self, number: int) -> None:
        if number == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    if len(sys.argv) > 2:
        Deadly.deadly = int(sys.argv[2])
        for module in (postgresql_store, sqlite_file):
            steps = Deadly(module.migrations())
            vars(module)["migrations"] = lambda steps=steps: steps
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    migrated(sys.argv[1])


if __name__ == "__main__":
    main()
