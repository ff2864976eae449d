"""What an operator says about the keys of an upstream, and the reading of their secrets.

Secrets come from the environment or from files, never from the configuration itself, and are never shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from faregate.upstreams.settings_error import UpstreamSettingsError
from faregate.wire.headers import Header, HeaderInjectionError, encode_headers


class KeySetting(msgspec.Struct, forbid_unknown_fields=True):
    """One key of ``keys``."""

    env: str | None = None
    file: str | None = None
    name: str | None = None
    concurrency: int | None = None


@dataclass(frozen=True, slots=True)
class UpstreamKey:
    """A key as it is sent. ``name`` is what operators are shown of it; ``concurrency`` bounds its open requests.

    ``credentials`` is the header that carries it: none where an upstream takes no key. It is not shown.
    """

    name: str = ""
    concurrency: int | None = None
    credentials: tuple[Header, ...] = field(default=(), repr=False)


def read_keys(
    given: list[KeySetting], header: str, concurrency: int | None, where: str, environ: Mapping[str, str]
) -> tuple[UpstreamKey, ...]:
    """The keys, at least one: the one without credentials where none is given. Raises UpstreamSettingsError."""
    found = tuple(_read(setting, header.lower(), concurrency, where, environ) for setting in given)
    names = [key.name for key in found]
    for name in names:
        if names.count(name) > 1:
            raise UpstreamSettingsError(where, "keys", f"two keys are called {name}; give one another `name`")
    secrets = [key.credentials for key in found]
    for key in found:
        if secrets.count(key.credentials) > 1:
            raise UpstreamSettingsError(where, "keys", f"{key.name} is the same secret as another; keep one")
    return found or (UpstreamKey("", check_concurrency(concurrency, where, "key_concurrency")),)


def check_concurrency(given: int | None, where: str, field: str) -> int | None:
    """``given`` unless it lets nothing through. Raises UpstreamSettingsError."""
    if given is not None and not 1 <= given <= 1_000_000:
        raise UpstreamSettingsError(where, field, "must be from 1 to 1000000")
    return given


def _read(
    setting: KeySetting, header: str, concurrency: int | None, where: str, environ: Mapping[str, str]
) -> UpstreamKey:
    secret = _secret(setting, where, environ)
    value = f"Bearer {secret}" if header == "authorization" else secret
    bound = check_concurrency(
        concurrency if setting.concurrency is None else setting.concurrency, where, "concurrency"
    )
    name = (setting.name or setting.env or Path(setting.file or "").name).strip()
    return UpstreamKey(name, bound, checked_headers(((header.encode(), value.encode()),), where, "key"))


def _secret(setting: KeySetting, where: str, environ: Mapping[str, str]) -> str:
    if setting.env and setting.file:
        raise UpstreamSettingsError(where, "keys", "a key has `env` and `file`; keep one")
    if setting.env:
        secret = environ.get(setting.env, "").strip()
        if not secret:
            raise UpstreamSettingsError(where, "key_env", f"{setting.env} is not set in the environment")
        return secret
    if not setting.file:
        raise UpstreamSettingsError(where, "keys", "a key has neither `env` nor `file`")
    try:
        secret = Path(setting.file).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not text"
        raise UpstreamSettingsError(where, "key_file", f"{setting.file}: {reason}") from None
    if not secret:
        raise UpstreamSettingsError(where, "key_file", f"{setting.file} is empty")
    return secret


def checked_headers(headers: tuple[Header, ...], where: str, field: str) -> tuple[Header, ...]:
    """``headers`` unless they cannot be sent. Raises UpstreamSettingsError."""
    try:
        encode_headers(headers)
    except HeaderInjectionError as error:
        # The value may be a secret: the message must not show it.
        raise UpstreamSettingsError(where, field, str(error)) from None
    return headers
