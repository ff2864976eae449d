"""The settings of mail, checked.

Owns the shape of `mail:` in the configuration. The password comes from the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

PORTS = {"start": 587, "full": 465, "none": 25}


class MailSettingsError(Exception):
    """The message says what is wrong, and how to mend it."""


class _MailFile(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    host: str = Field(min_length=1, description="The SMTP server.")
    port: int | None = Field(
        None, ge=1, le=65535, description="587, or 465 where tls is full, or 25 where it is none."
    )
    tls: Literal["start", "full", "none"] = Field("start", description="STARTTLS, TLS from the start, or none.")
    user: str | None = Field(None, description="Who signs in to the SMTP server.")
    password_env: str | None = Field(None, description="The environment variable with the password.")
    sender: str = Field(alias="from", description="Who the letters are from.")


@dataclass(frozen=True, slots=True)
class MailSettings:
    """``user`` is '' where nobody signs in."""

    host: str
    port: int
    tls: Literal["start", "full", "none"]
    sender: str
    user: str = ""
    password: str = ""


def read_mail(written: Mapping[str, Any], environ: Mapping[str, str]) -> MailSettings:
    """Checked settings. Raises MailSettingsError."""
    try:
        read = _MailFile.model_validate(dict(written))
    except ValidationError as problem:
        error = problem.errors(include_url=False, include_context=False)[0]
        raise MailSettingsError(f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}") from None
    if "@" not in parseaddr(read.sender)[1]:
        raise MailSettingsError(f"from: {read.sender!r} is no e-mail address; write Faregate <plans@example.com>")
    password = ""
    if read.user is not None:
        if read.tls == "none":
            raise MailSettingsError("user: a password is not sent without TLS; set tls to start or full")
        password = environ.get(read.password_env or "", "")
        if not password:
            raise MailSettingsError("password_env: name an environment variable that holds the password of user")
    port = read.port or PORTS[read.tls]
    return MailSettings(read.host, port, read.tls, read.sender, read.user or "", password)
