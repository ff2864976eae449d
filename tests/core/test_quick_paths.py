"""Quick paths: coverage and plain settlements give exactly what the waterfall gives, on random histories."""

from __future__ import annotations

import json

import pytest

from faregate.core import decide as deciding
from faregate.core import settle as settling
from tests.core.histories import run


@pytest.mark.parametrize("seed", range(9_000_000, 9_000_060))
def test_without_the_quick_paths_every_entry_is_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = run(seed)
    with monkeypatch.context() as patched:
        patched.setattr(deciding, "pays_whole", lambda payer, usage, listed, now: None)
        patched.setattr(settling, "settle_plainly", lambda *arguments: None)
        full = run(seed)
    assert len(quick.journal) == len(full.journal)
    for one, other in zip(quick.journal, full.journal, strict=True):
        assert one[:5] == other[:5]
        assert sorted(map(tuple, one.windows)) == sorted(map(tuple, other.windows))
        assert _sums(one.postings) == _sums(other.postings)
        assert json.dumps(one.data.get("slices")) == json.dumps(other.data.get("slices"))


def _sums(postings: list[tuple[str, str, int]]) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = {}
    for ledger, unit, amount in postings:
        sums[ledger, unit] = sums.get((ledger, unit), 0) + amount
    return {key: amount for key, amount in sums.items() if amount}
