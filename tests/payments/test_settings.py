"""The `payments` section: what starts, and what must not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from faregate.payments.manual.settings import ManualSettings
from faregate.payments.settings import name_of, read_payments
from faregate.payments.settings_error import PaymentsSettingsError
from faregate.payments.stripe.settings import StripeSettings
from tests.payments.desk import FAKES, NOW
from tests.payments.fakes.alipay import AlipayFake
from tests.payments.fakes.fake import Clock, Fake
from tests.payments.fakes.keys import private_pem, public_pem
from tests.payments.fakes.stripe import StripeFake
from tests.payments.fakes.wechat_pay import PLATFORM, WechatPayFake


def section_of(fake: Fake, **more: Any) -> dict[str, Any]:
    return {"kind": fake.kind, **fake.section(), **more}


def refused(section: object, environ: dict[str, str]) -> PaymentsSettingsError:
    with pytest.raises(PaymentsSettingsError) as failure:
        read_payments([section], environ)
    return failure.value


@pytest.mark.parametrize("kind", sorted(FAKES))
def test_every_kind_is_read_with_its_defaults(kind: str) -> None:
    fake = FAKES[kind](Clock(NOW))
    (found,) = read_payments([section_of(fake)], fake.environ())
    assert not isinstance(found, ManualSettings)
    assert (name_of(found), found.door.base_url[:8]) == (kind, "https://")


def test_without_a_section_an_operator_confirms_by_hand() -> None:
    (found,) = read_payments([], {})
    assert found == ManualSettings("manual", frozenset({"USD", "CNY"}))


WEAK = [
    "",
    "changeme",
    "secret",
    "whsec_",
    "whsec_xxx",
    "whsec_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "whsec_your_webhook_secret_from_stripe",
    "whsec_00000000000000000000000000000000",
    "whsec_abababababababababababababababab",
    "whsec_replace-with-the-real-one-please",
    "whsec_1234567890123456789012345678901234",
    "whsec_dGhlIHJlYWwgb25l aXMgc2VjcmV0IQ",
    "password-password-password-pass",
]


@pytest.mark.parametrize("weak", WEAK)
@pytest.mark.parametrize(
    ("kind", "variable"),
    [("stripe", "STRIPE_HOOK"), ("creem", "CREEM_HOOK"), ("nowpayments", "NOW_IPN"), ("wechat_pay", "WX_V3")],
)
def test_a_secret_that_protects_nothing_stops_the_start_and_is_not_shown(kind: str, variable: str, weak: str) -> None:
    fake = FAKES[kind](Clock(NOW))
    failure = refused(section_of(fake), {**fake.environ(), variable: weak})
    assert failure.where == kind
    assert len(weak) < 9 or weak not in str(failure)


@pytest.mark.parametrize("kind", sorted(FAKES))
def test_every_secret_is_needed(kind: str) -> None:
    fake = FAKES[kind](Clock(NOW))
    for missing in fake.environ():
        environ = {name: value for name, value in fake.environ().items() if name != missing}
        assert missing in str(refused(section_of(fake), environ))


def test_one_secret_for_two_things_is_refused() -> None:
    fake = FAKES["nowpayments"](Clock(NOW))
    environ = fake.environ()
    assert "ipn_secret" in str(refused(section_of(fake), {**environ, "NOW_IPN": environ["NOW_KEY"]}))


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    fake = StripeFake(Clock(NOW))
    file = tmp_path / "hook"
    file.write_text(fake.environ()["STRIPE_HOOK"] + "\n")
    (found,) = read_payments([section_of(fake, webhook_secret={"file": str(file)})], fake.environ())
    assert isinstance(found, StripeSettings)
    assert [secret.value for secret in found.webhook_secrets] == [fake.environ()["STRIPE_HOOK"]]
    assert (
        "no such file" in str(refused(section_of(fake, webhook_secret={"file": "/no/where"}), fake.environ())).lower()
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"base_url": "http://api.stripe.com"}, "https://"),
        ({"base_url": "ftp://api.stripe.com"}, "base_url"),
        ({"base_url": "https://api.stripe.com?x=1"}, "query"),
        ({"name": "Stripe Inc."}, "name"),
        ({"currencies": ["usd"]}, "currencies"),
        ({"currencies": ["ISK"]}, "currencies"),
        ({"answer_seconds": 0}, "answer_seconds"),
        ({"webhook_seconds": 999_999_999}, "webhook_seconds"),
        ({"webhook_secret": []}, "webhook_secret"),
        ({"webhook_secret": {"env": "A", "file": "B"}}, "either"),
        ({"webhook_secret": "whsec_in_the_file"}, "webhook_secret"),
        ({"no_such": 1}, "no_such"),
        ({"kind": "paypal"}, "paypal"),
    ],
)
def test_a_mistake_is_told_with_its_place(change: dict[str, Any], said: str) -> None:
    fake = StripeFake(Clock(NOW))
    assert said in str(refused(section_of(fake, **change), fake.environ()))


def test_http_is_for_this_machine_alone() -> None:
    fake = StripeFake(Clock(NOW))
    for host in ("127.0.0.1:1", "[::1]:1", "localhost:1"):
        read_payments([section_of(fake, base_url=f"http://{host}")], fake.environ())
    refused(section_of(fake, base_url="http://10.0.0.1"), fake.environ())


def test_names_are_given_once() -> None:
    fake = StripeFake(Clock(NOW))
    two = [section_of(fake), section_of(fake)]
    with pytest.raises(PaymentsSettingsError):
        read_payments(two, fake.environ())
    two[1]["name"] = "stripe-eu"
    assert [name_of(each) for each in read_payments(two, fake.environ())] == ["stripe", "stripe-eu"]
    with pytest.raises(PaymentsSettingsError):
        read_payments({"kind": "manual"}, {})


@pytest.mark.parametrize(
    ("name", "value"),
    [("WX_KEY", "not a key"), ("WX_KEY", public_pem("forger")), ("WX_PLATFORM", "x"), ("WX_V3", "ab12" * 9)],
)
def test_a_key_that_is_none_stops_the_start(name: str, value: str) -> None:
    fake = WechatPayFake(Clock(NOW))
    refused(section_of(fake), {**fake.environ(), name: value})


def test_wechat_pay_needs_a_key_to_verify_with() -> None:
    fake = WechatPayFake(Clock(NOW))
    assert "platform_keys" in str(refused(section_of(fake, platform_keys={}), fake.environ()))
    odd = {"my key": {"env": "WX_PLATFORM"}}
    assert "my key" in str(refused(section_of(fake, platform_keys=odd), fake.environ()))
    for field, bad in (("merchant", "x"), ("app", "wx1"), ("certificate_serial", "xyz")):
        assert field in str(refused(section_of(fake, **{field: bad}), fake.environ()))
    assert PLATFORM in fake.section()["platform_keys"]


def test_alipays_key_must_not_be_ones_own() -> None:
    fake = AlipayFake(Clock(NOW))
    environ = {**fake.environ(), "ALIPAY_KEY": private_pem("alipay")}
    assert "your own" in str(refused(section_of(fake), environ))


def test_payments_by_hand_ask_nobody() -> None:
    assert "base_url" in str(refused({"kind": "manual", "base_url": "https://example.com"}, {}))
