"""``kill -9`` at any moment: what was accepted is there, nothing is there by half."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from faregate.app.store_port import JournalFault
from faregate.app.usage_rollup import Rollup, RollupKey, rollup_key
from faregate.store.sqlite.store import SqliteStore

ROOT = Path(__file__).resolve().parents[2]
KILLS = 6
ACCOUNTS = 8


def write_and_be_killed(path: Path, batches: int) -> int:
    """Kill a writer soon after it told of ``batches`` batches; gives the last seq it said was accepted."""
    command = [sys.executable, "-m", "tests.store.killed_writer", str(path)]
    environment = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as writer:
        assert writer.stdout is not None
        for _ in range(batches):
            writer.stdout.readline()
        writer.kill()
        told = writer.stdout.read().split("\n")
    whole = [line for line in told[:-1] if line]
    return int(whole[-1]) if whole else 0


def test_whatever_was_accepted_before_a_kill_is_there_and_nothing_by_half(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    chance = random.Random(7)
    for _ in range(KILLS):
        told = write_and_be_killed(path, batches=chance.randrange(1, 120))
        store = SqliteStore.open(path)
        assert [line for line in store.audit() if isinstance(line, JournalFault)] == []
        heads = list(store.heads())
        assert len({head.seq for head in heads}) == 1, "a batch is there by half"
        assert len(heads) == ACCOUNTS
        assert heads[0].seq >= told
        assert store.accounts_with_open_holds() == []
        rows = list(store.usage_rows())
        assert len(rows) == ACCOUNTS * heads[0].seq // 2
        sums: dict[RollupKey, Rollup] = {}
        for row in rows:
            sums.setdefault(rollup_key(row), Rollup()).add(row)
        assert dict(store.rollups()) == sums
        store.close()
