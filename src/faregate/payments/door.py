"""What an operator says about any payment provider, and its checks.

Owns the settings that all of them share: name, currencies, where it is, and how long to wait. Each one's own settings
stand in its folder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address

import msgspec

from faregate.payments.minor_units import PLACES
from faregate.payments.secret import Secret, SecretSetting, read_secret
from faregate.payments.settings_error import PaymentsSettingsError
from faregate.payments.transport import TransportLimits
from faregate.wire.origin import InvalidOriginError, split_url

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")


class DoorSetting(msgspec.Struct, tag_field="kind", forbid_unknown_fields=True, kw_only=True):
    """The settings that every kind has."""

    name: str = ""
    currencies: list[str] = []
    base_url: str = ""
    connect_seconds: float = 10.0
    answer_seconds: float = 30.0
    webhook_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Door:
    """Checked. ``webhook_seconds``: how far the moment that a webhook is signed with may be from now."""

    name: str
    currencies: frozenset[str]
    base_url: str
    limits: TransportLimits
    webhook_seconds: int


def read_door(
    setting: DoorSetting, kind: str, url: str, known: frozenset[str] | None, currencies: str, webhook_seconds: int
) -> Door:
    """``url``, ``currencies`` and ``webhook_seconds`` are the defaults of this kind; ``known`` bounds its currencies
    (None: any that has an exponent). Raises PaymentsSettingsError."""
    name = setting.name or kind
    if not _NAME.fullmatch(name):
        raise PaymentsSettingsError(name, "name", "must be lower-case letters, digits, - and _, at most 32")
    given = setting.currencies or currencies.split()
    for currency in given:
        if currency not in (PLACES if known is None else known):
            raise PaymentsSettingsError(name, "currencies", f"{currency!r} is not known here; write ISO codes, `USD`")
    for field in ("connect_seconds", "answer_seconds"):
        if not 0 < getattr(setting, field) <= 300:
            raise PaymentsSettingsError(name, field, "must be more than 0 and at most 300")
    seconds = setting.webhook_seconds or webhook_seconds
    if not 1 <= seconds <= 604_800:
        raise PaymentsSettingsError(name, "webhook_seconds", "must be from 1 to 604800")
    limits = TransportLimits(setting.connect_seconds, setting.answer_seconds)
    return Door(name, frozenset(given), _checked_url(setting.base_url or url, name), limits, seconds)


def read_hook_secrets(
    given: SecretSetting | list[SecretSetting], where: str, name: str, environ: Mapping[str, str], least: int
) -> tuple[Secret, ...]:
    """One or several secrets, any of which may have signed: so one can be changed without a gap."""
    listed = given if isinstance(given, list) else [given]
    if not listed:
        raise PaymentsSettingsError(where, name, "is empty: without it anybody could say that an order is paid")
    return tuple(read_secret(each, where, name, environ, least) for each in listed)


def _checked_url(url: str, where: str) -> str:
    try:
        origin, path = split_url(url)
    except InvalidOriginError as error:
        raise PaymentsSettingsError(where, "base_url", str(error)) from None
    if "?" in path:
        raise PaymentsSettingsError(where, "base_url", "must have no query")
    if origin.scheme != "https" and not _is_this_machine(origin.host):
        raise PaymentsSettingsError(where, "base_url", "must begin with https://")
    return url


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
