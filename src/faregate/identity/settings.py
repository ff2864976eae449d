"""The settings of other ways to sign in, checked.

Owns the shape of `sign_in:` in the configuration. Secrets come from the environment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class SignInSettingsError(Exception):
    """The message says what is wrong, and how to mend it."""


class _IssuerFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9-]{1,30}$", description="Stands in URLs.")
    label: str = Field(min_length=1, max_length=40, description="What people read on the button.")
    issuer: str = Field(description="The issuer's URL, as its tokens name it.")
    client_id: str = Field(min_length=1, description="What the issuer calls this server.")
    client_secret_env: str = Field(description="The environment variable with the secret.")


@dataclass(frozen=True, slots=True)
class IssuerSettings:
    """One issuer of identities."""

    name: str
    label: str
    issuer: str
    client_id: str
    client_secret: str


def read_sign_in(written: Sequence[Any], environ: Mapping[str, str]) -> tuple[IssuerSettings, ...]:
    """Checked settings. Raises SignInSettingsError."""
    found: dict[str, IssuerSettings] = {}
    for number, each in enumerate(written):
        try:
            read = _IssuerFile.model_validate(each)
        except ValidationError as problem:
            error = problem.errors(include_url=False, include_context=False)[0]
            where = ".".join(str(part) for part in error["loc"])
            raise SignInSettingsError(f"{number}.{where}: {error['msg']}") from None
        there = urlsplit(read.issuer)
        if there.scheme != "https" and there.hostname not in ("127.0.0.1", "localhost"):
            raise SignInSettingsError(f"{read.name}: issuer is an https:// URL")
        secret = environ.get(read.client_secret_env, "")
        if not secret:
            raise SignInSettingsError(f"{read.name}: the environment variable {read.client_secret_env} is not set")
        if read.name in found:
            raise SignInSettingsError(f"{read.name}: stands there twice")
        found[read.name] = IssuerSettings(read.name, read.label, read.issuer, read.client_id, secret)
    return tuple(found.values())
