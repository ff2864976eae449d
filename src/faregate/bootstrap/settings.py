"""Settings: the configuration file of `faregate serve`, checked.

Owns the file's shape, its defaults and the errors that say where it is wrong. YAML; relative paths start from the
file. Secrets never stand in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from faregate.bootstrap.database import DEFAULT_DATABASE, Waiting
from faregate.gate.sender import Network, networks_of
from faregate.gate.trail import Failover
from faregate.identity.settings import IssuerSettings, SignInSettingsError, read_sign_in
from faregate.mcp.settings import McpSettings, read_mcp
from faregate.mcp.settings_error import McpSettingsError
from faregate.notifier.settings import MailSettings, MailSettingsError, read_mail
from faregate.payments.settings import PaymentsSettings, read_payments
from faregate.payments.settings_error import PaymentsSettingsError
from faregate.planfile.problem import did_you_mean
from faregate.upstreams.settings import Upstream, read_upstreams
from faregate.upstreams.settings_error import UpstreamSettingsError

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8080
DEFAULT_FAILOVER = Failover()
DEFAULT_WAITING = Waiting()


class SettingsError(Exception):
    """The configuration cannot be used. The message says what, where and how to mend it."""

    code = "bad_settings"

    def __init__(self, file: str, where: str, problem: str) -> None:
        super().__init__(f"{file}: {where}: {problem}" if where else f"{file}: {problem}")
        self.file, self.where, self.problem = file, where, problem


class SettingsFile(BaseModel):
    """The configuration file. Every key may be left out."""

    model_config = ConfigDict(extra="forbid")

    database: str = Field(
        DEFAULT_DATABASE,
        description="sqlite:///FILE (relative), sqlite:////FILE (absolute) or postgresql://USER@HOST/NAME.",
    )
    database_answer_seconds: float = Field(
        5,
        ge=0.1,
        le=600,
        description="PostgreSQL only: longer statements are cut off, by the server itself a fifth earlier.",
    )
    database_write_seconds: float = Field(
        2, ge=0, le=600, description="PostgreSQL only: how long a write waits for a database that is away."
    )
    worker_lease_seconds: float = Field(
        15, ge=1, le=600, description="PostgreSQL only: how long a worker may be silent before its holds are closed."
    )
    grace_folder: str | None = Field(
        None,
        description="PostgreSQL only: keeps what plans let through while it is away. Left out: nothing is.",
    )
    workers: int = Field(1, ge=1, le=256, description="Processes that serve; more than one needs PostgreSQL.")
    host: str = Field(DEFAULT_HOST, description="Address to listen on.")
    port: int = Field(DEFAULT_PORT, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    plans: list[str] = Field(default=[], description="Plan files of your own, published at the start.")
    prices: list[str] = Field(default=[], description="Price files of your own, on top of the shipped ones.")
    hold_durability: Literal["process", "disk"] = Field(
        "process", description="What a hold survives before the upstream is called: the process, or the power too."
    )
    largest_body_megabytes: int = Field(32, ge=1, le=1024, description="Larger request bodies are refused.")
    drain_seconds: int = Field(30, ge=0, le=3600, description="How long a stopping server lets streams end.")
    failover_attempts: int = Field(3, ge=1, le=20, description="Upstreams or keys tried for one request, at most.")
    failover_seconds: int = Field(60, ge=0, le=3600, description="No attempt but the first begins later than this.")
    mcp: dict[str, Any] | None = Field(None, description="Tools over MCP; see docs/mcp.md. Left out: none.")
    public_url: str | None = Field(
        None, description="Where customers and payment providers reach this server; where it listens when left out."
    )
    sign_up: Literal["open", "invited", "closed"] = Field(
        "open", description="Who may sign up in the console: all, those with an invitation, nobody."
    )
    families: list[str] = Field(
        default=[], description="Families of plans that the console sells and shows; all when left out."
    )
    mail: dict[str, Any] | None = Field(
        None, description="The SMTP server for letters; see docs/console.md. Left out: none are sent."
    )
    sign_in: list[Any] = Field(
        default=[], description="Issuers of identities (OpenID Connect) to sign in by; see docs/configuration.md."
    )
    payments: list[Any] = Field(default=[], description="Payment providers; see docs/payments.md. Left out: by hand.")
    trusted_proxies: list[str] = Field(
        default=[],
        description="Addresses or networks of proxies in front of the gate, whose X-Forwarded-For is believed.",
    )
    upstreams: list[Any] = Field(default=[], description="Model providers; see docs/configuration.md.")


@dataclass(frozen=True, slots=True)
class Settings:
    """Checked settings."""

    database: str = DEFAULT_DATABASE
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    plan_files: tuple[Path, ...] = ()
    price_files: tuple[Path, ...] = ()
    hold_durability: Literal["process", "disk"] = "process"
    largest_body_bytes: int = 32 * 1024 * 1024
    drain_seconds: int = 30
    upstreams: tuple[Upstream, ...] = ()
    failover: Failover = DEFAULT_FAILOVER
    trusted_proxies: tuple[Network, ...] = ()
    mcp: McpSettings | None = None
    payments: tuple[PaymentsSettings, ...] = ()
    public_url: str | None = None
    sign_up: Literal["open", "invited", "closed"] = "open"
    families: tuple[str, ...] = ()
    mail: MailSettings | None = None
    sign_in: tuple[IssuerSettings, ...] = ()
    test_clock: bool = False
    waiting: Waiting = DEFAULT_WAITING
    workers: int = 1
    grace_folder: Path | None = None

    def over(self, database: str | None, host: str | None, port: int | None, workers: int | None = None) -> Settings:
        """These settings with what the command line gave over them."""
        given = {"database": database, "host": host, "port": port, "workers": workers}
        return replace(self, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]


def read_settings(path: Path, environ: Mapping[str, str]) -> Settings:
    """The settings in the file at ``path``; upstream keys come from ``environ`` or files. Raises SettingsError."""
    file = str(path)
    data = _mapping(path, file)
    try:
        read = SettingsFile.model_validate(data)
    except ValidationError as problem:
        raise _first_problem(file, problem) from None
    try:
        upstreams = read_upstreams(read.upstreams, environ, path.parent)
    except UpstreamSettingsError as problem:
        raise SettingsError(file, "upstreams", str(problem)) from None
    try:
        mcp = None if read.mcp is None else read_mcp(read.mcp, environ)
    except McpSettingsError as problem:
        raise SettingsError(file, "mcp", str(problem)) from None
    try:
        payments = read_payments(read.payments, environ)
    except PaymentsSettingsError as problem:
        raise SettingsError(file, "payments", str(problem)) from None
    try:
        mail = None if read.mail is None else read_mail(read.mail, environ)
    except MailSettingsError as problem:
        raise SettingsError(file, "mail", str(problem)) from None
    try:
        sign_in = read_sign_in(read.sign_in, environ)
    except SignInSettingsError as problem:
        raise SettingsError(file, "sign_in", str(problem)) from None
    folder = path.parent
    return Settings(
        read.database,
        read.host,
        read.port,
        tuple(folder / name for name in read.plans),
        tuple(folder / name for name in read.prices),
        read.hold_durability,
        read.largest_body_megabytes * 1024 * 1024,
        read.drain_seconds,
        upstreams,
        Failover(read.failover_attempts, read.failover_seconds),
        _proxies(read.trusted_proxies, file),
        mcp,
        payments,
        read.public_url,
        read.sign_up,
        tuple(read.families),
        mail,
        sign_in,
        waiting=Waiting(read.database_answer_seconds, read.database_write_seconds, read.worker_lease_seconds),
        workers=read.workers,
        grace_folder=folder / read.grace_folder if read.grace_folder else None,
    )


def _proxies(written: list[str], file: str) -> tuple[Network, ...]:
    try:
        return networks_of(written)
    except ValueError as problem:
        raise SettingsError(file, "trusted_proxies", f"{problem}; write 10.0.0.7 or 10.0.0.0/8") from None


def _mapping(path: Path, file: str) -> dict[str, Any]:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise SettingsError(file, "", f"cannot be read: {problem.strerror}") from problem
    except UnicodeDecodeError as problem:
        raise SettingsError(file, "", "is not UTF-8 text") from problem
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise SettingsError(file, where, f"this is not YAML: {problem.problem}") from problem
    except yaml.YAMLError as problem:
        raise SettingsError(file, "", f"this is not YAML: {problem}") from problem
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise SettingsError(file, "", "write `key: value` lines, beginning with `upstreams:`")
    return data


def _first_problem(file: str, problem: ValidationError) -> SettingsError:
    error = problem.errors(include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        known = list(SettingsFile.model_fields)
        return SettingsError(file, where, f"there is no such setting. {did_you_mean(where, known)}")
    return SettingsError(file, where, error["msg"])


def settings_schema() -> dict[str, Any]:
    """JSON Schema of the configuration file."""
    return SettingsFile.model_json_schema()
