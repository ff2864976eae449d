"""What the command line says, in English. messages_zh.py says the same in Chinese, under the same keys."""

from __future__ import annotations

from collections.abc import Mapping

from faregate.cli import (
    compare_messages,
    database_messages,
    flag_messages,
    logs_messages,
    paper_messages,
    plan_change_messages,
    plan_messages,
    price_messages,
    serving_messages,
    setup_messages,
    upstream_messages,
    user_messages,
)
from faregate.cli.house_messages_en import HOUSE_MESSAGES
from faregate.cli.trade_messages_en import TRADE_MESSAGES
from faregate.simulator.phrase import ENGLISH

MESSAGES: Mapping[str, str] = {
    "faregate.help": (
        "Plans as code for LLM APIs: enforced at the gate, billed from books that balance. "
        "Every command explains itself with --help."
    ),
    "faregate.examples": "faregate plan list\nfaregate simulate --plan agipower/pro --usage usage.jsonl",
    "usage.prefix": "Usage: ",
    "help.options": "Options",
    "help.commands": "Commands",
    "help.examples": "Examples",
    "help.help": "Show this text and stop.",
    "option.lang": "Language of help and messages; that of the environment (LANG) where left out.",
    "option.version": "Show the version and stop.",
    "option.json": "Write JSON, for programs.",
    "option.file": "A plan file of your own, on top of the shipped ones; may be given several times.",
    "option.prices": "A price file of your own, on top of the shipped ones; may be given several times.",
    # Failures.
    "error.line": "error[{code}]: {line}",
    "error.usage": "{what}; see `{command} --help`",
    "error.no_option": "there is no option {name}",
    "error.no_option_near": "there is no option {name}; did you mean {near}?",
    "error.missing": "{name} is missing",
    "error.bad_value": "{name}: {problem}",
    "error.file": "{file}: {problem}; check the path and its permissions",
    "error.internal": (
        "a fault of Faregate itself: {detail}; please report it, with what FAREGATE_TRACEBACK=1 shows"
    ),
    "error.more": "and {count} more; mend these first",
    "error.stopped": "stopped",
    # plan
    "plan.help": "Check, list and show plans.",
    "plan.examples": "faregate plan list\nfaregate plan show agipower/pro\nfaregate plan check my-plans.yaml",
    "plan.check.help": "Check plan files. Says every mistake with its place and how to mend it; exit code 2 if any.",
    "plan.check.examples": "faregate plan check my-plans.yaml\nfaregate plan check --json plans/*.yaml",
    "plan.check.good": "{file}: good: {family}, version {version}: {plans}",
    "plan.list.help": "List the plans that are shipped, and those of files given.",
    "plan.list.examples": "faregate plan list\nfaregate plan list --file my-plans.yaml --json",
    "plan.list.title": "Plans",
    "plan.show.help": (
        "Show one plan: its terms in words, and beside its siblings in a table. "
        "A family's name alone shows the table of all its plans."
    ),
    "plan.show.examples": (
        "faregate plan show 88code/plus\nfaregate plan show credits\nfaregate --lang zh plan show agipower/pro"
    ),
    "plan.schema.help": "Print the JSON Schema of the plan language.",
    "plan.schema.examples": "faregate plan schema > plan-family.schema.json",
    "plan.column.plan": "plan",
    "plan.column.name": "name",
    "plan.column.price": "price",
    "plan.column.version": "version",
    "plan.row.price": "price",
    "plan.row.models": "models and patterns",
    "plan.period.month": " a month",
    "plan.period.year": " a year",
    "plan.period.days": " for {days} days",
    # simulate
    "simulate.help": (
        "Replay usage against plans, with the clock of the file. Each line of the file is one request or one "
        "operator's event, as JSON; docs/simulate.md describes them."
    ),
    "simulate.examples": (
        "faregate simulate --plan agipower/pro --usage usage.jsonl\n"
        "faregate simulate --plan 88code/free,88code/plus,88code/paygo --usage usage.jsonl --json\n"
        "faregate simulate --schema"
    ),
    "simulate.plan": "Plans the account has from the first line on; families pay in their own order.",
    "simulate.usage": "File of usage, one JSON object a line; - reads standard input.",
    "simulate.sort": "Put the lines in the order of time first.",
    "simulate.schema": "Print the JSON Schema of a line and stop.",
    "simulate.progress": "replaying",
    "simulate.empty_plan": "--plan: a name is empty; write family/plan, several with a comma between",
    "simulate.plan_twice": "--plan: {plan} is named twice; name it once",
    "simulate.clash": "--plan: {problem}",
    "simulate.title.requests": "Requests",
    "simulate.more": "(the first; {count} more, see --json)",
    "simulate.title.refusals": "Refused",
    "simulate.title.totals": "Sums",
    "simulate.column.line": "line",
    "simulate.column.at": "time",
    "simulate.column.model": "model",
    "simulate.column.paid": "paid by",
    "simulate.column.binding": "what binds",
    "simulate.column.retry": "passes again",
    "simulate.column.reason": "reason",
    "simulate.column.count": "times",
    "simulate.column.first": "first",
    "simulate.column.last": "last",
    "simulate.debt": "and {amount} nobody covers",
    "simulate.refused": "refused: {reason}",
    "simulate.not_by_waiting": "not by waiting",
    "simulate.not_applied": "line {line}, {at}: the {event} changed nothing: {problem}",
    "simulate.total.requests": "requests",
    "simulate.total.admitted": "admitted",
    "simulate.total.refused": "refused",
    "simulate.total.drawn": "paid by {source}",
    "simulate.total.debt": "not covered, left on {source}",
    "simulate.total.price": "price of {model} from",
    "simulate.total.list_value": "list value of what was admitted",
    # Reasons of a refusal.
    "reason.window_full": "window full",
    "reason.rate_limited": "too many requests",
    "reason.concurrency_full": "too many requests at once",
    "reason.pool_empty": "pool empty",
    "reason.debt_owed": "debt owed",
    "reason.switched_off": "switched off",
    "reason.extra_key_revoked": "the key of Extra Usage was revoked",
    "reason.key_not_for_plan": "no plan for this kind of key",
    "reason.model_not_in_plan": "model not in the plan",
    "reason.client_not_in_plan": "client not in the plan",
    "reason.api_billing_not_allowed": "its tools may not choose API billing",
    "reason.api_billing_asked": "API billing asked for",
    "reason.plan_billing_asked": "billing as the plan asked for",
    "reason.restricted": "restricted until a flag is reviewed",
    "reason.no_price": "model without a price",
    "reason.no_subscription": "no plan",
    "reason.hold_does_not_fit": "larger than what is left",
    **HOUSE_MESSAGES,
    **TRADE_MESSAGES,
    **paper_messages.ENGLISH,
    **user_messages.ENGLISH,
    **{f"line.{code}": words for code, words in ENGLISH.items()},
    **serving_messages.ENGLISH,
    **setup_messages.ENGLISH,
    **upstream_messages.ENGLISH,
    **price_messages.ENGLISH,
    **logs_messages.ENGLISH,
    **compare_messages.ENGLISH,
    **database_messages.ENGLISH,
    **flag_messages.ENGLISH,
    **plan_change_messages.ENGLISH,
    **plan_messages.ENGLISH,
}
