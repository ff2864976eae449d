"""From failures to answers: one total table.

Owns the HTTP status of every typed failure that an operation can raise, and the form of the API's errors:
{"error": {"code", "message", "fields"?, "problems"?, "rule"?, "values"?}}.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from faregate.app.comparison_port import ComparisonBusy, ComparisonFailed, ComparisonRefused, ComparisonTooLarge
from faregate.app.impact_port import ImpactBusy, ImpactFailed, ImpactTooLarge
from faregate.app.office_errors import (
    IdempotencyClash,
    NotFound,
    OfficeError,
    PayerUnknown,
    SecretShownBefore,
    UnknownPrice,
)
from faregate.app.payments_errors import PaymentsError, WebhookRefused
from faregate.app.people_errors import (
    EmailTaken,
    LastOwner,
    LastWayIn,
    LinkOver,
    PasskeyTaken,
    PasskeyUnknown,
    PeopleError,
    SignUpClosed,
    TooManyAttempts,
    TooManyListeners,
    TooManyPasskeys,
    WrongCredentials,
)
from faregate.app.plan_changes import TwoFamilies
from faregate.app.publishing import UnitChanged, VersionTaken
from faregate.app.shelf import NotOnSale, UnknownPlan
from faregate.app.store_errors import BadRow, StoreError
from faregate.core.errors import AmountOverflow, BadAmount, BadCommand, CoreError, UnknownSubject
from faregate.planfile import PlanFileError
from faregate.planfile.problem import Problem
from faregate.planfile.problem_words import in_chinese
from faregate.ratecards import NoRate


class Unauthenticated(Exception):
    """No admin token, or not a live one."""

    code = "unauthenticated"


class TooOften(Exception):
    """More calls than a key may make of self-service; ``seconds`` until it may again."""

    code = "rate_limited"

    def __init__(self, calls: int, seconds: int) -> None:
        super().__init__(f"a key may ask {calls} times a minute; ask again in {seconds} s")
        self.seconds = seconds


class CsrfRefused(Exception):
    """A write by cookie that did not come from a page of this server, or did not show the session's word."""

    code = "csrf_refused"


class Forbidden(Exception):
    """Not for the role of who is signed in."""

    code = "forbidden"

    def __init__(self, operation: str) -> None:
        super().__init__(f"your role may not: {operation}")


class NoAccount(Exception):
    """Who is signed in has no account of their own."""

    code = "no_account"

    def __init__(self) -> None:
        super().__init__("you have no account here: only customers do")


class BadBody(Exception):
    """A body that is no JSON object, or a parameter that is not what it should be."""

    code = "bad_request"


STATUS: tuple[tuple[type[Exception], int], ...] = (
    (Unauthenticated, 401),
    (TooOften, 429),
    (CsrfRefused, 403),
    (Forbidden, 403),
    (NoAccount, 403),
    (TooManyListeners, 429),
    (WrongCredentials, 401),
    (TooManyAttempts, 429),
    (SignUpClosed, 403),
    (EmailTaken, 409),
    (LastOwner, 409),
    (PasskeyUnknown, 401),
    (LastWayIn, 409),
    (PasskeyTaken, 409),
    (TooManyPasskeys, 409),
    (LinkOver, 410),
    (PeopleError, 400),
    (BadBody, 400),
    (NotFound, 404),
    (UnknownPlan, 404),
    (UnknownSubject, 404),
    (IdempotencyClash, 422),
    (UnknownPrice, 404),
    (PayerUnknown, 404),
    (WebhookRefused, 400),
    (PaymentsError, 409),
    (SecretShownBefore, 409),
    (VersionTaken, 409),
    (UnitChanged, 409),
    (NotOnSale, 409),
    (TwoFamilies, 400),
    (ImpactTooLarge, 413),
    (ImpactBusy, 429),
    (ImpactFailed, 500),
    (ComparisonRefused, 400),
    (ComparisonTooLarge, 413),
    (ComparisonBusy, 429),
    (ComparisonFailed, 500),
    (PlanFileError, 400),
    (BadAmount, 400),
    (AmountOverflow, 400),
    (BadCommand, 409),
    (NoRate, 400),
    (BadRow, 400),
    (StoreError, 503),
    (OfficeError, 400),
    (CoreError, 500),
)


def answer_to(problem: Exception, languages: str = "") -> tuple[int, dict[str, Any]]:
    """(status, body) for a failure; anything unknown is a 500 that says nothing of its inside.

    ``languages`` is the caller's Accept-Language: mistakes of plan files are told in Chinese to whom it names first.
    """
    if isinstance(problem, ValidationError):
        return 400, _invalid(problem)
    for kind, status in STATUS:
        if isinstance(problem, kind):
            code = getattr(problem, "code", "not_found" if status == 404 else "error")
            return status, {"error": {"code": code, "message": str(problem), **_more(problem, languages)}}
    return 500, {"error": {"code": "internal", "message": "something failed inside; the server's log has it"}}


def _more(problem: Exception, languages: str) -> dict[str, Any]:
    if isinstance(problem, BadCommand):
        # What its words do not show is nobody's to know.
        shown = {name: str(each) for name, each in problem.fields.items() if str(each) in str(problem)}
        return {"rule": problem.rule, "values": shown}
    if not isinstance(problem, PlanFileError):
        return {}
    return {"problems": [_told(each, languages) for each in problem.problems]}


def _told(problem: Problem, languages: str) -> dict[str, Any]:
    """A mistake of a plan file, with the language that it is told in."""
    chinese = in_chinese(problem) if languages.strip().lower().startswith("zh") else None
    told = chinese or problem
    return {
        "line": told.line,
        "column": told.column,
        "code": told.code,
        "what": told.what,
        "mend": told.mend,
        "language": "zh" if chinese is not None else "en",
    }


def _invalid(problem: ValidationError) -> dict[str, Any]:
    fields = [
        {"field": ".".join(str(part) for part in each["loc"]), "message": each["msg"]}
        for each in problem.errors(include_url=False, include_context=False)
    ]
    told = "; ".join(f"{field['field']}: {field['message']}" for field in fields)
    return {"error": {"code": "bad_request", "message": told, "fields": fields}}
