"""The agenda may be early, never late: what is only on its way into the journal moves nothing back, nor does a look
of somebody who has not seen it."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from faregate.app.receipts import Write
from faregate.app.till import UNDER_WAY
from faregate.bootstrap.house import House, open_house
from faregate.core.trade import outbox
from faregate.core.trade.draft import Draft
from faregate.core.trade.ordering import book_of
from tests.money.scripted_payer import ScriptedPayer, Truth
from tests.money.world import NOW, published_books


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    books = tmp_path / "books.db"
    books.write_bytes(published_books().read_bytes())
    house = open_house(f"sqlite:///{books}", now=lambda: NOW, randomness=random.Random(7).randbytes)
    house.control.payers["stripe"] = ScriptedPayer(Truth(), "stripe", lambda call: "", True, "")
    await house.start()
    yield house
    await house.close()


async def ordered(house: House) -> str:
    """An account whose order waits for its payment to be begun: due at once."""
    account = str((await house.control.office.create_account("ann", Write("account", NOW)))["id"])
    await house.control.shop.buy(account, "agipower/pro", Write("buy", NOW), payer="stripe")
    assert house.store.agenda(NOW) == [(account, NOW)]
    return account


def begin(draft: Draft) -> None:
    """The attempt to begin the payment: the next one is due later."""
    (effect,) = book_of(draft.state).effects.values()
    draft.add(outbox.attempt(draft.state, effect, NOW))


def while_appending(house: House, monkeypatch: pytest.MonkeyPatch, look: Callable[[], object]) -> list[Any]:
    """``look`` happens when entries are decided and not in the journal yet; what the agenda says right after it."""
    append, said = house.store.append, list[Any]()

    def looked_at(batch: Any) -> Any:
        look()
        said.append(house.store.agenda(NOW))
        return append(batch)

    monkeypatch.setattr(house.store, "append", looked_at)
    return said


def at_what_is_ahead(house: House, account: str, seen: int) -> None:
    """A look of this process, which knows what is not in the journal yet."""
    house.control.till.look_again(account, NOW)


def at_what_is_behind(house: House, account: str, seen: int) -> None:
    """A look of another process, which has not seen what comes."""
    house.store.put_agenda(account, None, seen, orphaned=NOW - UNDER_WAY)


@pytest.mark.parametrize("look", [at_what_is_ahead, at_what_is_behind])
async def test_a_look_at_other_than_what_is_in_the_journal_moves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, look: Callable[[House, str, int], None]
) -> None:
    account = await ordered(house)
    seen = house.store.head(account)
    said = while_appending(house, monkeypatch, lambda: look(house, account, seen))
    await house.control.till.act(account, NOW, begin)
    assert said == [[(account, NOW)]], "a death here would be found at the next start"
    assert house.store.agenda(NOW) == []
    assert house.store.agenda(NOW + UNDER_WAY) == [(account, NOW + UNDER_WAY)]


async def test_of_what_never_came_the_agenda_is_rid_after_a_while(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, till = await ordered(house), house.control.till
    due = house.store.agenda(NOW)
    house.store.put_agenda(account, NOW, house.store.head(account) + 1, orphaned=0)
    till.look_again(account, NOW)
    assert house.store.agenda(NOW) == due
    await till.act(account, NOW, begin)
    house.store.put_agenda(account, NOW, house.store.head(account) + 1, orphaned=0)
    till.look_again(account, NOW + UNDER_WAY - 1)
    assert house.store.agenda(NOW) == [(account, NOW)], "an act may still be under way"
    till.look_again(account, NOW + UNDER_WAY)
    assert house.store.agenda(NOW) == []
