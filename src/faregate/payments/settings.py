"""What an operator says about payment providers.

Owns the shape of the ``payments`` section of the configuration. Each kind reads its own part. Does not connect.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from faregate.payments.alipay.settings import AlipaySetting, AlipaySettings, read_alipay
from faregate.payments.creem.settings import CreemSetting, CreemSettings, read_creem
from faregate.payments.manual.settings import ManualSetting, ManualSettings, read_manual
from faregate.payments.nowpayments.settings import NowPaymentsSetting, NowPaymentsSettings, read_nowpayments
from faregate.payments.settings_error import PaymentsSettingsError
from faregate.payments.stripe.settings import StripeSetting, StripeSettings, read_stripe
from faregate.payments.wechat_pay.settings import WechatPaySetting, WechatPaySettings, read_wechat_pay

Setting: TypeAlias = (
    CreemSetting | NowPaymentsSetting | StripeSetting | WechatPaySetting | AlipaySetting | ManualSetting
)
PaymentsSettings: TypeAlias = (
    CreemSettings | NowPaymentsSettings | StripeSettings | WechatPaySettings | AlipaySettings | ManualSettings
)


def read_payments(section: object, environ: Mapping[str, str]) -> tuple[PaymentsSettings, ...]:
    """The payment providers of a configuration's ``payments`` list, in its order; ``manual`` for an empty one.

    Raises PaymentsSettingsError.
    """
    if not isinstance(section, list):
        raise PaymentsSettingsError("list", "", "`payments` must be a list")
    found = tuple(_read(item, index, environ) for index, item in enumerate(section, 1))
    names = [name_of(each) for each in found]
    for name in names:
        if names.count(name) > 1:
            raise PaymentsSettingsError(name, "name", "is taken by another payment provider")
    return found or (read_manual(ManualSetting()),)


def name_of(settings: PaymentsSettings) -> str:
    """What a payment provider is called."""
    return settings.name if isinstance(settings, ManualSettings) else settings.door.name


def _read(item: object, index: int, environ: Mapping[str, str]) -> PaymentsSettings:
    where = str(item.get("name") or item.get("kind") or index) if isinstance(item, dict) else str(index)
    try:
        setting: Setting = msgspec.convert(item, Setting)
    except msgspec.ValidationError as error:
        raise PaymentsSettingsError(where, "", str(error)) from None
    match setting:
        case CreemSetting():
            return read_creem(setting, environ)
        case NowPaymentsSetting():
            return read_nowpayments(setting, environ)
        case StripeSetting():
            return read_stripe(setting, environ)
        case WechatPaySetting():
            return read_wechat_pay(setting, environ)
        case AlipaySetting():
            return read_alipay(setting, environ)
        case ManualSetting():
            return read_manual(setting)


def settings_schema() -> dict[str, Any]:
    """JSON Schema of one item of the ``payments`` list."""
    return msgspec.json.schema(Setting)
