"""A process that writes until it is killed: batch after batch, each told on standard output once it was accepted.

Usage: ``python -m tests.store.killed_writer PATH``. Not a test; tests/store/test_sqlite_crash.py runs it.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from faregate.store.sqlite import durability, folding
from faregate.store.sqlite.store import SqliteStore
from tests.store.lines import served


def main() -> None:
    durability.CHECKPOINT_FRAMES = 40  # so that some are killed in the middle of a checkpoint
    folding.SLICE = 3  # and some in the middle of folding
    store = SqliteStore.open(Path(sys.argv[1]), fold_after=50)
    seqs = {f"acc_{name}": store.head(f"acc_{name}") for name in "abcdefgh"}
    with ThreadPoolExecutor(1) as disk:
        while True:
            batch = []
            for account, seq in seqs.items():
                batch += served(account, seq + 1, f"req_{seq:06}_{account}")
                seqs[account] = seq + 2
            store.append(batch)
            sys.stdout.write(f"{seqs['acc_a']}\n")
            sys.stdout.flush()
            disk.submit(store.flush)


if __name__ == "__main__":
    main()
