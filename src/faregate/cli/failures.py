"""From failures to what people read: one line each, with a stable code, what is wrong, where, how to mend it.

Owns the translation of click's and the inner layers' failures, and the exit codes: 2 for bad input, 1 for failure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from faregate.cli.language import language, messages, say
from faregate.core.errors import BadCommand

if TYPE_CHECKING:
    from faregate.planfile import Problem as PlanProblem

BAD_INPUT = 2
FAILED = 1
FAILURES_INSIDE = frozenset(
    {
        "store_error",
        "store_locked",
        "store_disk_full",
        "store_corrupt",
        "store_broken",
        "store_closed",
        "already_served",
        "copy_differs",
        "unknown_hold",
        "journal_gap",
    }
)
"""Codes of the inner layers' failures that no better input would mend."""


class CommandFailure(Exception):
    """A command that cannot go on: message ``key`` with ``fields``. ``code`` is stable; see docs/errors.md."""

    def __init__(self, code: str, key: str, exit_code: int = BAD_INPUT, **fields: object) -> None:
        self.code, self.exit_code = code, exit_code
        self.key, self.fields = key, fields
        super().__init__(key)


class Told(NamedTuple):
    """What to print, as (code, line), and the exit code."""

    lines: list[tuple[str, str]]
    exit_code: int


def tell(failure: Exception) -> Told:
    """What to say of any failure."""
    if isinstance(failure, CommandFailure):
        return Told([(failure.code, say(failure.key, **failure.fields))], failure.exit_code)
    if isinstance(failure, click.UsageError):
        return Told([("bad_usage", _usage_error(failure))], BAD_INPUT)
    if isinstance(failure, click.ClickException):
        return Told([("failed", failure.format_message())], failure.exit_code)
    problems = getattr(failure, "problems", None)
    if problems:
        return Told(_problem_lines(failure, problems), BAD_INPUT)
    code = getattr(failure, "code", None)
    if isinstance(code, str):
        return Told([(code, _inner_words(failure, code))], FAILED if code in FAILURES_INSIDE else BAD_INPUT)
    if isinstance(failure, OSError):
        words = failure.strerror or str(failure)
        named = failure.filename if failure.filename is not None else "–"
        return Told([("cannot_read", say("error.file", file=named, problem=words))], BAD_INPUT)
    detail = f"{type(failure).__name__}: {failure}".replace("\n", " ")
    return Told([("internal_error", say("error.internal", detail=detail))], FAILED)


def _inner_words(failure: Exception, code: str) -> str:
    """What a failure of the inner layers says, in the language in use."""
    if language() != "zh":
        return str(failure)
    from faregate.cli.failure_messages_zh import COMMANDS, FAILURES, KINDS

    if isinstance(failure, BadCommand):
        words = {
            name: KINDS.get(value, value) if isinstance(value, str) else value
            for name, value in failure.fields.items()
        }
        return COMMANDS[failure.rule].format(**words)
    template = FAILURES.get(code)
    if template is None:
        return str(failure)
    fields: dict[str, object] = {"message": str(failure)}
    for name, value in vars(failure).items():
        if isinstance(value, list):
            fields[name] = ", ".join(map(str, value)) or "–"
        else:
            fields[name] = KINDS.get(value, value) if isinstance(value, str) and name in ("kind", "name") else value
    return template.format(**fields)


def _problem_lines(failure: Exception, problems: tuple[object, ...]) -> list[tuple[str, str]]:
    from faregate.planfile import Problem as PlanProblem
    from faregate.simulator.problem import Problem, UsageFileError

    whole = str(getattr(failure, "code", "bad_input"))
    lines = []
    for problem in problems:
        if isinstance(problem, Problem):
            words = problem.phrase.words(_simulator_words())
            lines.append((problem.code, f"{problem.file}:{problem.line}: {words}"))
        elif isinstance(problem, PlanProblem):
            lines.append((problem.code, _plan_problem(problem)))
        else:
            lines.append((str(getattr(problem, "code", whole)), str(problem)))
    if isinstance(failure, UsageFileError) and failure.more:
        lines.append((whole, say("error.more", count=failure.more)))
    return lines


def _plan_problem(problem: PlanProblem) -> str:
    """A mistake of a plan file in the language in use, as far as there are words for it."""
    from faregate.planfile.problem_words import in_chinese

    chinese = in_chinese(problem) if language() == "zh" else None
    if chinese is None:
        return str(problem)
    end = "" if chinese.mend.endswith(("？", "。")) else "。"
    return f"{chinese.file}:{chinese.line}:{chinese.column}: {chinese.what}。{chinese.mend}{end}"


def _simulator_words() -> dict[str, str]:
    if language() == "zh":
        return {key.removeprefix("line."): text for key, text in messages().items() if key.startswith("line.")}
    from faregate.simulator.phrase import ENGLISH

    return dict(ENGLISH)


def _usage_error(failure: click.UsageError) -> str:
    where = failure.ctx.command_path if failure.ctx is not None else "faregate"
    return say("error.usage", what=_what(failure), command=where)


def _what(failure: click.UsageError) -> str:
    if isinstance(failure, click.NoSuchOption):
        near = ", ".join(failure.possibilities or ())
        return say("error.no_option_near" if near else "error.no_option", name=failure.option_name, near=near)
    if isinstance(failure, click.MissingParameter):
        parameter = failure.param
        name = _parameter_name(parameter) if parameter is not None else str(failure.param_hint)
        return say("error.missing", name=name)
    if isinstance(failure, click.BadParameter) and failure.param is not None:
        return say("error.bad_value", name=_parameter_name(failure.param), problem=failure.message.rstrip("."))
    return failure.format_message().rstrip(".")


def _parameter_name(parameter: click.Parameter) -> str:
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    return parameter.human_readable_name
