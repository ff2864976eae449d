"""The office: one write, one effect, however often and from wherever it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from faregate.app.control import Control
from faregate.app.ids import RequestIds
from faregate.app.keyring import Keyring
from faregate.app.ledger import Ledger
from faregate.app.office_errors import IdempotencyClash, NotFound, SecretShownBefore, UnknownPrice
from faregate.app.publishing import PlanText, Publishing
from faregate.app.receipts import Write
from faregate.core.errors import BadAmount, BadCommand, UnknownSubject
from faregate.core.usage import Usage
from faregate.planfile import load_family
from faregate.store.sqlite.store import SqliteStore
from tests.app.books import FAMILY, NOW, admitted, journal, kinds, prices, seeded, verified


@asynccontextmanager
async def office_at(path: Path, seed: int = 1) -> AsyncIterator[Control]:
    """A control plane with a store of its own on the file, as another process would have it."""
    store = SqliteStore.open(path)
    publishing = Publishing(store, prices())
    publishing.publish([PlanText(FAMILY, load_family(FAMILY, file="demo.yaml"))], NOW)
    control = Control(
        Ledger(store, publishing.shelf()), Keyring(store), publishing, lambda: NOW, seeded(seed).randbytes
    )
    control.ledger.start()
    yield control
    await control.ledger.close()
    store.close()


@pytest.fixture
async def control(path: Path) -> AsyncIterator[Control]:
    async with office_at(path) as opened:
        yield opened


async def account_on(control: Control, plan: str = "demo/money") -> str:
    made = await control.office.create_account("acme", Write("make", NOW))
    account = str(made["id"])
    await control.office.subscribe(account, plan, Write("plan", NOW))
    return account


async def test_the_same_write_again_gives_the_first_answer_and_no_second_entry(control: Control) -> None:
    account = await account_on(control)
    first = await control.office.grant(account, "2.5", Write("g1", NOW))
    assert first == {"account": account, "done": "grant", "at": "2026-03-02T10:00:00Z"}
    assert await control.office.grant(account, "2.5", Write("g1", NOW + 5)) == first
    assert kinds(control.store, account) == ["open", "subscribe", "grant"]


async def test_the_same_key_with_other_content_is_refused(control: Control) -> None:
    account = await account_on(control)
    await control.office.grant(account, "2.5", Write("g1", NOW))
    with pytest.raises(IdempotencyClash):
        await control.office.grant(account, "25", Write("g1", NOW))
    assert kinds(control.store, account) == ["open", "subscribe", "grant"]


async def test_the_same_write_twice_at_once_is_carried_out_once(control: Control) -> None:
    account = await account_on(control)
    grant = control.office.grant
    answers = await asyncio.gather(*(grant(account, "2.5", Write("g1", NOW)) for _ in range(5)))
    assert len({str(answer) for answer in answers}) == 1
    assert kinds(control.store, account) == ["open", "subscribe", "grant"]


async def test_the_same_write_twice_at_once_with_other_content_is_refused(control: Control) -> None:
    account = await account_on(control)
    outcomes = await asyncio.gather(
        control.office.grant(account, "1", Write("g1", NOW)),
        control.office.grant(account, "2", Write("g1", NOW)),
        return_exceptions=True,
    )
    assert isinstance(outcomes[1], IdempotencyClash)
    assert kinds(control.store, account) == ["open", "subscribe", "grant"]


async def test_the_same_write_from_two_processes_is_carried_out_once(path: Path) -> None:
    async with office_at(path) as first, office_at(path, seed=2) as second:
        account = await account_on(first)
        # The other process has the account in memory as it was, and finds out only when it writes.
        second.ledger.current(account, NOW)
        answers = await asyncio.gather(
            first.office.grant(account, "2.5", Write("g1", NOW)),
            second.office.grant(account, "2.5", Write("g1", NOW)),
        )
        assert answers[0] == answers[1]
        assert kinds(first.store, account) == ["open", "subscribe", "grant"]
        assert verified(first.store).clean


async def test_an_account_made_twice_at_once_is_one_account(path: Path) -> None:
    async with office_at(path) as first, office_at(path, seed=2) as second:
        made = await asyncio.gather(
            *(each.office.create_account("acme", Write("make", NOW)) for each in (first, second, first))
        )
        assert len({str(answer) for answer in made}) == 1
        assert [account.name for account in first.store.accounts()] == ["acme"]
        assert kinds(first.store, str(made[0]["id"])) == ["open"]


async def test_two_accounts_of_one_name_are_told_apart_by_id(control: Control) -> None:
    made = [await control.office.create_account("acme", Write(f"k{n}", NOW)) for n in range(2)]
    with pytest.raises(BadCommand, match="give one of their ids"):
        control.office.find_account("acme")
    assert control.office.find_account(str(made[1]["id"])).id == made[1]["id"]
    with pytest.raises(NotFound):
        control.office.find_account("nobody")


async def test_a_key_is_made_once_and_its_secret_shown_once(control: Control) -> None:
    account = await account_on(control)
    key, secret = control.keys.create(account, "laptop", Write("k1", NOW))
    assert secret not in repr(control.store.keys_of(account))
    with pytest.raises(SecretShownBefore):
        control.keys.create(account, "laptop", Write("k1", NOW))
    assert [each.id for each in control.store.keys_of(account)] == [key.id]
    control.keyring.follow()
    assert control.keyring.authenticate(secret.encode(), NOW) is not None


async def test_a_rotated_key_is_dead_and_its_successor_alive(control: Control) -> None:
    account = await account_on(control)
    old, old_secret = control.keys.create(account, "laptop", Write("k1", NOW))
    new, new_secret = await control.keys.rotate(old.id, Write("k2", NOW))
    assert new.rotated_from == old.id
    control.keyring.follow()
    assert control.keyring.authenticate(old_secret.encode(), NOW) is None
    assert control.keyring.authenticate(new_secret.encode(), NOW) is not None
    with pytest.raises(BadCommand, match="revoked already"):
        await control.keys.rotate(old.id, Write("k3", NOW))
    with pytest.raises(SecretShownBefore):
        await control.keys.rotate(old.id, Write("k2", NOW))


async def test_a_revoked_key_stays_revoked_at_its_first_revocation(control: Control) -> None:
    account = await account_on(control)
    key, _ = control.keys.create(account, "laptop", Write("k1", NOW))
    assert (await control.keys.revoke(key.id, Write("r1", NOW + 1))).revoked_at == NOW + 1
    assert (await control.keys.revoke(key.id, Write("r2", NOW + 2))).revoked_at == NOW + 1


async def test_a_multiplier_change_is_made_once_a_key(control: Control) -> None:
    with pytest.raises(BadCommand, match="has no multiplier schedule"):
        control.change_multiplier("demo/money", None, "2", None, Write("m1", NOW))
    assert control.multiplier_changes() == []


async def test_what_cannot_be_done_leaves_the_journal_unchanged(control: Control) -> None:
    account = await account_on(control)
    office, write = control.office, Write("w", NOW)
    before = journal(control.store)
    with pytest.raises(BadCommand):
        await office.grant(account, "0", write)
    with pytest.raises(BadAmount):
        await office.grant(account, "0.0000000001", write)
    with pytest.raises(BadAmount):
        await office.grant(account, "1e999999999", write)
    with pytest.raises(BadCommand):
        await office.grant(account, "1", write, expires_at=NOW)
    with pytest.raises(UnknownSubject):
        await office.grant(account, "1", write, pool="none")
    with pytest.raises(UnknownSubject):
        await office.grant(account, "1", write, plan="demo/calls")
    with pytest.raises(UnknownPrice):
        await office.subscribe(account, "demo/calls", write, price="none")
    with pytest.raises(BadCommand, match="no period"):
        await office.subscribe(account, "demo/calls", write, once=True)
    with pytest.raises(UnknownSubject):
        await office.reset(account, write, window="none")
    with pytest.raises(BadCommand):
        await office.restore(account, write)
    with pytest.raises(BadCommand):
        await office.switch(account, "demo/money", False, write)
    with pytest.raises(UnknownSubject):
        await office.segment(account, "none", write)
    with pytest.raises(BadCommand, match="name"):
        await office.create_account(" ", write)
    with pytest.raises(BadCommand, match="Unicode"):
        await office.create_account("\udc80", write)
    with pytest.raises(NotFound):
        await office.renew("acc_99999999", write)
    assert journal(control.store) == before
    # None of it used up the key.
    await office.grant(account, "1", write)


async def test_a_plan_published_elsewhere_is_taken_in_with_the_entry_that_names_it(path: Path) -> None:
    text = FAMILY.replace("family: demo", "family: other")
    async with office_at(path) as first, office_at(path, seed=2) as second:
        account = await account_on(first)
        second.ledger.current(account, NOW)
        first.publishing.publish([PlanText(text, load_family(text, file="other.yaml"))], NOW)
        first.follow()
        await first.office.subscribe(account, "other/calls", Write("p2", NOW))
        await second.office.grant(account, "1", Write("g1", NOW), plan="demo/money")
        assert kinds(first.store, account) == ["open", "subscribe", "subscribe", "grant"]


async def test_the_window_units_of_a_plan_that_is_over_are_still_known(control: Control) -> None:
    account = await account_on(control, "demo/calls")
    name = RequestIds(seeded().randbytes).new(account, NOW)
    await admitted(control.ledger, name, account)
    await control.ledger.settle(account, name, Usage(100), NOW)
    before = control.views.explain(name)
    assert before["settlement"]["windows"][0]["unit"] == "request"
    await control.office.cancel(account, Write("end", NOW), at_once=True)
    await control.office.subscribe(account, "demo/money", Write("then", NOW + 1))
    assert control.views.explain(name) == before
