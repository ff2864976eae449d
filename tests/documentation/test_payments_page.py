"""What is written of payments is all there is: every setting and every problem has its row."""

from __future__ import annotations

import pytest

from faregate.app.payments_port import PROBLEMS
from faregate.payments.settings import settings_schema
from tests.documentation.pages import DOCS, codes, first_column, section, table_rows

PAGE = DOCS / "payments.md"
PARTS = settings_schema()["$defs"]
SHARED = {"kind", "name", "currencies", "base_url", "connect_seconds", "answer_seconds", "webhook_seconds"}


@pytest.mark.parametrize(
    ("heading", "part"),
    [
        ("Stripe", "StripeSetting"),
        ("Creem", "CreemSetting"),
        ("NowPayments", "NowPaymentsSetting"),
        ("WeChat Pay", "WechatPaySetting"),
        ("Alipay", "AlipaySetting"),
        ("By hand", "ManualSetting"),
    ],
)
def test_every_setting_of_payments_is_described(heading: str, part: str) -> None:
    rows = {codes(row[0])[0]: row for row in table_rows(section(PAGE, heading))}
    assert set(rows) == set(PARTS[part]["properties"]) - SHARED
    for name, row in rows.items():
        required = name in PARTS[part].get("required", ())
        default = PARTS[part]["properties"][name].get("default")
        assert (row[1] == "required") == required, name
        if isinstance(default, str | bool):
            assert row[1] == f"`{str(default).lower()}`", name


def test_what_all_of_them_share_is_described() -> None:
    rows = {codes(row[0])[0]: row for row in table_rows(section(PAGE, "Every kind"))}
    assert set(rows) == SHARED
    for name in ("connect_seconds", "answer_seconds"):
        assert rows[name][1] == f"`{PARTS['StripeSetting']['properties'][name]['default']:g}`"


def test_every_problem_of_a_payment_is_described() -> None:
    assert first_column(section(PAGE, "What can go wrong")) == set(PROBLEMS)
