"""Extra Usage and kinds of keys: which key draws on what, what is marked, and that it is all in the journal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from faregate.core.billing import API
from faregate.core.commands import change_terms
from faregate.core.errors import BadCommand
from faregate.core.explain import explain
from faregate.core.extra_usage import replace_key, set_extra_usage, set_key_limit
from faregate.core.request import Admitted, Asker
from faregate.core.route import compile_route
from faregate.core.snapshot import from_data, to_data
from faregate.core.terms import SourceTerms, Terms
from tests.core.driven_account import MARKET, NOON, USD, DrivenAccount, output, paid, plan, pool, usd, window

HOUR = 3_600_000_000
SUB, PAYG = {"kind": "f/sub", "key": "key_sub"}, {"kind": "f/api", "key": "key_api"}


def the_plan(**more: Any) -> Terms:
    settings: dict[str, Any] = {
        "windows": (window("5h", "first-use", "10", length=5 * HOUR),),
        "key_kind": "f/sub",
        "extra_usage": "f/wallet",
    }
    return plan("f/plan", rank=0, **(settings | more))


def the_wallet(granted: str = "100", **more: Any) -> Terms:
    return plan("f/wallet", rank=1, wallet=True, key_kind="f/api", pools=(pool(granted=granted),), **more)


def switched(account: DrivenAccount, on: bool = True, key: str | None = "key_api") -> None:
    account.apply(set_extra_usage(account.state, account.subscription("f/plan"), on, key, account.now, "k"))


def an_account(granted: str = "100", on: bool = True, **more: Any) -> DrivenAccount:
    account = DrivenAccount(the_plan(**more), the_wallet(granted))
    if on:
        switched(account)
    return account


def kept(account: DrivenAccount) -> bool:
    """Whether the journal and a snapshot both give the account as it stands."""
    data = to_data(account.state)
    read = from_data(json.loads(json.dumps(data)), account.plans)
    return account.same_when_rebuilt() and json.dumps(to_data(read)) == json.dumps(data)


@pytest.mark.parametrize(
    ("asker", "sources"),
    [
        (SUB, ["f/plan"]),
        (PAYG, ["f/wallet"]),
        ({}, ["f/plan"]),
        ({"kind": "g/other"}, []),
        ({"billing": API}, ["f/wallet"]),
        ({"billing": API, "kind": "f/sub"}, []),
    ],
)
def test_a_key_draws_on_the_plans_of_its_kind(asker: dict[str, str], sources: list[str]) -> None:
    account = an_account(on=False)
    who = Asker("", None, asker.get("billing", ""), asker.get("kind", ""))
    route = compile_route(account.state, "m/one", who, MARKET, NOON)
    assert [payer.plan for payer in route.payers] == sources


def test_a_wallet_that_is_in_no_plans_stead_pays_for_keys_of_no_kind_as_ever() -> None:
    account = DrivenAccount(the_plan(extra_usage=None), the_wallet())
    assert paid(account.pay(output(15)))[1] == ("f/wallet", "5", "1")


def test_a_key_of_a_kind_that_no_plan_is_for_is_refused_and_says_so() -> None:
    refused = an_account().refused(output(1), kind="g/other")
    assert (refused.reason, refused.subject, refused.retry_at, refused.blocks) == ("key_not_for_plan", "a", None, ())


def test_what_the_wallet_pays_of_is_billed_to_the_chosen_key_and_what_it_does_not_to_the_asking_one() -> None:
    account = an_account()
    account.pay(output(4), id="within", **SUB)
    account.pay(output(9), id="across", **SUB)
    account.pay(output(3), id="beyond", **SUB)
    billed = [entry.data["key"] for entry in account.journal if entry.kind in ("hold", "settle")]
    assert billed == ["key_sub"] * 2 + ["key_api"] * 4
    extra = account.subscription("f/plan").extra
    assert extra is not None
    assert extra.spent == extra.month[1] == extra.windows["5h"][1] == usd("6")
    assert kept(account)


def test_a_settlement_that_needs_less_gives_the_request_back_to_the_key_that_asked() -> None:
    account = an_account()
    account.hold(output(12), **SUB)
    assert account.journal[-1].data["key"] == "key_api"
    account.settle(output(8))
    settled = account.journal[-1].data
    assert (settled["key"], "extra" in settled) == ("key_sub", False)
    assert account.subscription("f/plan").extra.spent == 0  # type: ignore[union-attr]
    assert kept(account)


def test_a_settlement_that_needs_more_goes_on_by_extra_usage() -> None:
    account = an_account()
    account.hold(output(8), **SUB)
    assert paid(account.settle(output(13))) == [("f/plan", "10", "1"), ("f/wallet", "3", "1")]
    settled = account.journal[-1].data
    assert (settled["key"], settled["extra"]["asked_with"]) == ("key_api", "key_sub")
    assert kept(account)


def test_what_was_held_by_extra_usage_is_paid_by_it_though_it_is_switched_off_meanwhile() -> None:
    account = an_account()
    account.pay(output(10), id="full", **SUB)
    account.hold(output(3), **SUB)
    switched(account, on=False, key=None)
    assert paid(account.settle(output(3))) == [("f/wallet", "3", "1")]
    assert account.journal[-1].data["key"] == "key_api"
    assert kept(account)


def test_a_released_hold_spends_nothing() -> None:
    account = an_account()
    account.pay(output(10), id="full", **SUB)
    account.hold(output(3), **SUB)
    account.release()
    assert account.subscription("f/plan").extra.spent == 0  # type: ignore[union-attr]
    assert account.left(plan="f/wallet") == "100"
    assert kept(account)


def test_it_goes_back_to_the_plan_to_the_microsecond() -> None:
    account = an_account()
    account.pay(output(10), id="full", **SUB)
    reopens = NOON + 5 * HOUR
    assert account.at(reopens - 1).pay(output(1), id="1", **SUB)[0].plan == "f/wallet"
    assert account.at(reopens).pay(output(1), id="2", **SUB)[0].plan == "f/plan"
    extra = account.subscription("f/plan").extra
    assert extra is not None
    assert extra.windows["5h"] == (NOON, usd("1"))


@pytest.mark.parametrize(
    ("on", "granted", "lost", "reason"),
    [
        (False, "9", False, "switched_off"),
        (True, "0", False, "pool_empty"),
        (True, "9", True, "extra_key_revoked"),
    ],
)
def test_a_refusal_names_the_window_and_why_extra_usage_does_not_pay(
    on: bool, granted: str, lost: bool, reason: str
) -> None:
    account = an_account(granted, on)
    if lost:
        for entry in replace_key(account.state, "key_api", "", NOON, "k"):
            account.apply(entry)
    account.pay(output(10), id="full", **SUB)
    refused = account.refused(output(1), **SUB)
    assert (refused.reason, refused.retry_at) == ("window_full", NOON + 5 * HOUR)
    assert [block.reason for block in refused.blocks] == ["window_full", reason]
    assert kept(account)


def test_a_rotated_key_is_followed_and_another_may_be_chosen_after_a_revocation() -> None:
    account = an_account()
    account.apply(*replace_key(account.state, "key_api", "key_new", NOON, "k1"))
    account.pay(output(12), id="1", **SUB)
    assert account.journal[-1].data["key"] == "key_new"
    account.apply(*replace_key(account.state, "key_new", "", NOON, "k2"))
    assert account.refused(output(1), **SUB).reason == "window_full"
    switched(account, key="key_other")
    account.pay(output(1), id="2", **SUB)
    assert account.journal[-1].data["key"] == "key_other"
    assert replace_key(account.state, "key_nobodys", "", NOON, "k3") == []
    assert kept(account)


def test_switching_on_again_counts_anew_and_the_month_goes_on() -> None:
    account = an_account()
    account.pay(output(12), id="1", **SUB)
    for on in (False, True):
        switched(account, on, None)
    account.pay(output(1), id="2", **SUB)
    extra = account.subscription("f/plan").extra
    assert extra is not None
    assert (extra.spent, extra.month[1]) == (usd("1"), usd("3"))
    account.at(NOON + 40 * 24 * HOUR).pay(output(12), id="3", **SUB)
    assert (extra.spent, extra.month[1]) == (usd("3"), usd("2"))
    assert kept(account)


def test_a_guard_holds_back_and_never_spills_into_the_wallet() -> None:
    rpm = window("rpm", "sliding", "1", "request", length=60_000_000, guard=True)
    account = an_account(windows=(rpm,), sources=(SourceTerms("s", USD),))
    account.pay(output(1), id="1", **SUB)
    assert account.refused(output(1), **SUB).reason == "rate_limited"


def test_extra_usage_survives_a_change_of_terms_and_ends_with_a_plan_that_has_none() -> None:
    account = an_account()
    account.pay(output(10), id="full", **SUB)
    for version, extra in (("2", "f/wallet"), ("3", None)):
        terms = the_plan(extra_usage=extra, version=version)
        account.known["f/plan", version] = terms
        account.apply(change_terms(account.state, account.subscription("f/plan"), terms, NOON, version))
        assert isinstance(account.decide(output(1), **SUB), Admitted) is (extra is not None)
    assert kept(account)


def test_a_guard_by_key_counts_each_key_for_itself_and_one_may_have_its_own_limit() -> None:
    guard = window("rpm", "sliding", "2", "request", length=60_000_000, guard=True, by_key=True)
    account = DrivenAccount(the_plan(), the_wallet(windows=(guard,)))
    one, two = {"kind": "f/api", "key": "one"}, {"kind": "f/api", "key": "two"}
    for number in range(2):
        account.pay(output(1), id=f"one{number}", **one)
    refused = account.refused(output(1), **one)
    assert (refused.reason, refused.subject) == ("rate_limited", "f/wallet#2:rpm@one")
    assert refused.retry_at == NOON + 60_000_000
    account.pay(output(1), id="two", **two)
    wallet = account.subscription("f/wallet")
    account.apply(set_key_limit(account.state, wallet, None, "one", 3000, NOON, "l1"))
    account.pay(output(1), id="one2", **one)
    assert account.refused(output(1), **one).reason == "rate_limited"
    assert kept(account)
    account.apply(set_key_limit(account.state, wallet, "rpm", "one", None, NOON, "l2"))
    assert account.at(NOON + 60_000_000).window("rpm@one", "f/wallet").limit == 2000
    account.hold(output(1), id="open", **one)
    account.release("open")
    assert account.used("rpm@one", "f/wallet") == "0"
    assert kept(account)


def test_a_guard_by_key_of_the_billed_key_does_not_hold_extra_usage_back() -> None:
    guard = window("rpm", "sliding", "1", "request", length=60_000_000, guard=True, by_key=True)
    account = DrivenAccount(the_plan(), the_wallet(windows=(guard,)))
    switched(account)
    account.pay(output(10), id="full", **SUB)
    for number in range(3):
        account.pay(output(1), id=str(number), **SUB)
    account.pay(output(1), id="own", **PAYG)


def test_an_explanation_names_the_billed_key_and_the_one_that_asked() -> None:
    account = an_account()
    account.pay(output(12), **SUB)
    hold, settled = account.journal[-2:]
    told = explain(hold, settled, {})
    assert (told["key"], told["key_kind"]) == ("key_api", "f/sub")
    assert told["extra_usage"] == {"plan": "f/plan", "billed_key": "key_api", "asked_with": "key_sub"}


BY_KEY = window("rpm", "sliding", "2", "request", length=60_000_000, guard=True, by_key=True)


def test_a_plan_without_extra_usage_or_without_a_key_to_bill_cannot_have_it_on() -> None:
    for terms, key in ((the_plan(extra_usage=None), "key"), (the_plan(), None)):
        account = DrivenAccount(terms, the_wallet())
        with pytest.raises(BadCommand):
            set_extra_usage(account.state, account.subscription("f/plan"), True, key, NOON, "k")


@pytest.mark.parametrize(("windows", "limit"), [((), 1000), ((BY_KEY,), 0)])
def test_a_limit_by_key_needs_a_guard_by_key_and_more_than_nothing(windows: tuple[Any, ...], limit: int) -> None:
    account = DrivenAccount(the_wallet(windows=windows))
    with pytest.raises(BadCommand):
        set_key_limit(account.state, account.subscription(), None, "one", limit, NOON, "k")
