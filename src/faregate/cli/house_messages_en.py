"""What the commands that work on a database say, in English; house_messages_zh.py says it in Chinese."""

from __future__ import annotations

from collections.abc import Mapping

_ACT = "--db sqlite:////var/lib/faregate/faregate.db"

HOUSE_MESSAGES: Mapping[str, str] = {
    "option.db": (
        "The database, sqlite:///FILE or sqlite:////ABSOLUTE/FILE; FAREGATE_DB where left out, else faregate.db."
    ),
    "option.idempotency_key": (
        "The same key with the same content is carried out once; again it gives the first answer."
    ),
    "option.note": "Why; kept in the audit log.",
    "error.instant": "{text!r} is not a time; write one with its zone, such as 2026-03-01T10:00:00Z",
    "error.idempotency_key": "has 1 to {most} characters",
    "error.note": "has {most} characters at most",
    "error.no_database": (
        "there is no database at {file}; name it with --db or FAREGATE_DB, or make it with `faregate account create`"
    ),
    "time.ahead": "{at} (in {left})",
    "time.seconds": "{count} s",
    "time.minutes": "{count} min",
    "time.hours": "{hours} h {minutes} min",
    "time.days": "{days} d {hours} h",
    # account
    "account.help": (
        "Create, show and change accounts. An account is named by its id, or by its name where that is unique."
    ),
    "account.examples": "faregate account create acme\nfaregate account show acme\nfaregate account grant acme 10",
    "account.create.help": "Create an account.",
    "account.create.examples": (
        f"faregate account create acme\nfaregate account create acme {_ACT} --json --idempotency-key order-17"
    ),
    "account.create.done": "{name}: {id}",
    "account.list.help": "List accounts by id.",
    "account.list.examples": "faregate account list\nfaregate account list --limit 1000 --json",
    "account.list.after": "Go on after the account of this id.",
    "account.list.limit": "At most so many.",
    "account.list.title": "Accounts",
    "account.list.more": "there may be more: --after {after}",
    "account.column.id": "id",
    "account.column.name": "name",
    "account.column.created": "created",
    "account.show.help": "Show an account: plans in the order they pay, pools, windows, open holds, keys.",
    "account.show.examples": "faregate account show acme\nfaregate account show acme --json",
    "account.show.title": "{name} ({id}), since {since}, {entries} entries in its journal",
    "account.show.no_plan": "no plan runs; give it one with `faregate subscribe {id} PLAN`",
    "account.show.column.what": "",
    "account.show.column.bar": "",
    "account.show.column.standing": "stands at",
    "account.show.column.next": "next",
    "account.show.switched_off": "switched off",
    "account.show.extra_usage": "Extra Usage {plan}",
    "account.show.extra_on": "on, {id}; {spent} {unit} spent, {month} this month",
    "account.show.extra_lost": "on, but key {id} was revoked",
    "account.show.extra_off": "off",
    "account.show.ends": "ends {at}",
    "account.show.renews": "renews {at}",
    "account.show.moves": ", then under version {version}",
    "account.show.open_ended": "without an end",
    "account.show.pool": "pool {name}",
    "account.show.window": "window {name}",
    "account.show.guard": "guard {name}",
    "account.show.available": "{available} of {size} {unit} left",
    "account.show.held": "{amount} held",
    "account.show.owed": "{amount} owed",
    "account.show.refills": "refills {at}",
    "account.show.lapses": "{amount} lapse {at}",
    "account.show.restores": "{count} restores left, {mode}",
    "account.show.automatic": "automatic",
    "account.show.manual": "by hand",
    "account.show.used": "{used} of {limit} {unit} used",
    "account.show.reopens": "reopens {at}",
    "account.segments.title": "Segments",
    "account.segments.segment": "segment",
    "account.segments.from": "from",
    "account.segments.until": "until",
    "account.segments.reason": "reason",
    "account.holds.title": "Open holds",
    "account.holds.request": "request",
    "account.holds.model": "model",
    "account.holds.since": "since",
    "account.holds.expires": "expires",
    "account.option.plan": "The running plan or wallet meant; may be left out where one plan runs.",
    "account.option.pool": "The pool meant; the plan's first where left out.",
    "account.option.reason": "Why; kept in the journal.",
    "account.grant.help": (
        "Put an amount into a pool of an account. The amount is an exact decimal in the pool's unit."
    ),
    "account.grant.examples": (
        "faregate account grant acme 10 --plan 88code/paygo --reason 'thanks for the report'\n"
        "faregate account grant acme 500 --plan credits/pro --pool backup --expires-at 2027-01-01T00:00:00Z"
    ),
    "account.grant.expires_at": "When what is left of it lapses.",
    "account.grant.priority": "Lots of a lower priority burn first; 0 where left out.",
    "account.grant.done": "{name} ({account}): {amount} granted",
    "account.reset.help": "Set windows to unused. Their anchors stay: they reopen when they would have.",
    "account.reset.examples": (
        "faregate account reset acme\nfaregate account reset acme --plan agipower/pro --window week"
    ),
    "account.reset.window": "One window; all but guards where left out.",
    "account.reset.done": "{name} ({account}): windows reset",
    "account.renew.help": "Begin the next paid period now.",
    "account.renew.examples": "faregate account renew acme --plan credits/pro",
    "account.renew.done": "{name} ({account}): a new period begins now",
    "account.restore.help": "Restore a pool to its cap, or choose how it is restored.",
    "account.restore.examples": "faregate account restore acme\nfaregate account restore acme --mode manual",
    "account.restore.mode": "Restore the pool by itself when empty, or by hand alone; restores nothing now.",
    "account.restore.done": "{name} ({account}): restored",
    "account.restore.automatic": "{name} ({account}): restored by itself from now on",
    "account.restore.manual": "{name} ({account}): restored by hand alone from now on",
    "account.cancel.help": "End a subscription with its period, or at once.",
    "account.cancel.examples": (
        "faregate account cancel acme\nfaregate account cancel acme --plan 88code/plus --at-once"
    ),
    "account.cancel.at_once": "Now, not at the period's end.",
    "account.cancel.done": "{name} ({account}): ends with its period",
    "account.cancel.at_once_done": "{name} ({account}): ended",
    "account.switch.help": "Switch a wallet that its owner may opt into on or off.",
    "account.switch.examples": "faregate account switch acme credits/pay2go on",
    "account.switch.on": "{name} ({account}): {plan} is on",
    "account.extra_usage.help": (
        "Switch a plan's Extra Usage on or off: while the plan is used up, its wallet pays. The key that is billed "
        "may be chosen anew at any time."
    ),
    "account.extra_usage.examples": (
        "faregate account extra-usage acme on --new-key extra\n"
        "faregate account extra-usage acme on --key key_0123456789\n"
        "faregate account extra-usage acme off"
    ),
    "account.extra_usage.key": "Bill it to the key of this id from now on; to the one before where left out.",
    "account.extra_usage.new_key": "Make a key of this name and bill it to that.",
    "account.extra_usage.on": "{name} ({account}): Extra Usage is on",
    "account.extra_usage.off": "{name} ({account}): Extra Usage is off",
    "account.switch.off": "{name} ({account}): {plan} is off",
    "account.segment.help": "Put an account into a customer segment of one of its plans.",
    "account.segment.examples": (
        "faregate account segment acme insider --reason 'early member'\n"
        "faregate account segment acme abuse --until 2026-12-01T00:00:00Z --reason 'resale, ticket 812'"
    ),
    "account.segment.from": "From then on; now where left out.",
    "account.segment.until": "Until then; without an end where left out.",
    "account.segment.done": "{name} ({account}): in segment {segment}",
    "account.terms.help": "Put other terms under a running plan: another version, or another plan of its family.",
    "account.terms.examples": "faregate account terms acme 88code/plus 88code/pro",
    "account.terms.done": "{name} ({account}): {plan} is under the terms of {to}",
    # subscribe
    "subscribe.help": "Put a plan on an account, with the wallets that come with it.",
    "subscribe.examples": (
        "faregate subscribe acme 88code/plus\nfaregate subscribe acme credits/pro --price pass --once"
    ),
    "subscribe.price": "One of the plan's prices: its period and renewal hold.",
    "subscribe.once": "One period, not renewed.",
    "subscribe.done": "{name} ({account}): {plan} runs",
    # multiplier
    "multiplier.help": "Change plans' multiplier schedules, and list the changes.",
    "multiplier.examples": "faregate multiplier set 88code/free 1.5\nfaregate multiplier list",
    "multiplier.set.help": "From a time on, a plan's multiplier schedule has this value. Never changes the past.",
    "multiplier.set.examples": (
        "faregate multiplier set 88code/free 1.5\n"
        "faregate multiplier set 88code/free 2 --name season --from 2026-12-24T00:00:00+08:00"
    ),
    "multiplier.set.name": "The schedule; may be left out where the plan has one.",
    "multiplier.set.from": "From then on; now where left out.",
    "multiplier.set.done": "{plan}: ×{value} from {at}",
    "multiplier.list.help": "List every change made.",
    "multiplier.list.examples": "faregate multiplier list\nfaregate multiplier list --json",
    "multiplier.list.title": "Multiplier changes",
    "multiplier.column.plan": "plan",
    "multiplier.column.name": "schedule",
    "multiplier.column.value": "value",
    "multiplier.column.begins": "from",
    "multiplier.column.written": "written",
    # key
    "key.help": "Make, list, rotate and revoke API keys.",
    "key.examples": "faregate key create acme --name laptop\nfaregate key list acme",
    "key.create.help": (
        "Make a key for an account. Its secret is printed once, on standard output, and stored nowhere."
    ),
    "key.create.examples": "faregate key create acme --name laptop\nfaregate key create acme --json",
    "key.create.name": "The operator's word for it.",
    "key.create.kind": (
        "What it draws on: a kind that the plans know, such as payg, or any; that of its plan where left out."
    ),
    "key.limit.help": "Give a key a limit of its own under the guard that counts by key.",
    "key.limit.examples": "faregate key limit key_0123456789 120\nfaregate key limit key_0123456789 plan",
    "key.limit.done": "{id}: {requests} requests",
    "key.limit.plan": "{id}: as its plan says",
    "error.key_limit": "{value!r} is no number of requests, nor `plan`",
    "key.list.help": "List an account's keys. Secrets are never shown.",
    "key.list.examples": "faregate key list acme\nfaregate key list acme --json",
    "key.list.title": "Keys",
    "key.rotate.help": (
        "Make a key in place of another, which is revoked in the same step. Prints the new secret once."
    ),
    "key.rotate.examples": "faregate key rotate key_0123456789",
    "key.revoke.help": "Revoke a key; a serving gate refuses it within a second.",
    "key.revoke.examples": "faregate key revoke key_0123456789",
    "key.revoke.done": "{id} ({name}): revoked",
    "key.made": "key {id} ({name}) of {account}:",
    "key.once": "keep it: it is shown this once and stored nowhere",
    "key.column.id": "id",
    "key.column.name": "name",
    "key.column.kind": "kind",
    "key.column.prefix": "begins with",
    "key.column.created": "created",
    "key.column.used": "last used",
    "key.column.state": "state",
    "key.never_used": "never",
    "key.live": "live",
    "key.revoked": "revoked {at}",
    # usage
    "usage.help": "Show what an account used: sums by day (UTC) and model, and its latest requests.",
    "usage.examples": "faregate usage acme\nfaregate usage acme --days 7 --limit 100 --json",
    "usage.days": "How many days the sums go back.",
    "usage.before": "Requests settled before this one: the next page.",
    "usage.limit": "At most so many requests.",
    "usage.title.sums": "The last {days} days",
    "usage.title.requests": "Requests, latest first",
    "usage.total": "all",
    "usage.more": "more: faregate usage {account} --before {before}",
    "usage.estimated": "(estimated)",
    "usage.column.day": "day",
    "usage.column.model": "model",
    "usage.column.requests": "requests",
    "usage.column.input": "input",
    "usage.column.cached": "cached",
    "usage.column.output": "output",
    "usage.column.list_value": "list value",
    "usage.column.drawn": "paid by",
    "usage.column.request": "request",
    "usage.column.at": "settled",
    "usage.column.outcome": "outcome",
    # explain
    "explain.help": (
        "Tell why a request cost what it did: who paid what at which multipliers and prices, which windows moved, "
        "who was passed over and why."
    ),
    "explain.examples": "faregate explain req_0123456789abcd_01234567\nfaregate explain REQUEST_ID --json",
    "explain.settled": "{request}: {model}, settled on {account}",
    "explain.held": "{request}: {model}, still open on {account}",
    "explain.released": "{request}: {model}, released on {account}: nothing was charged",
    "explain.times": "admitted {admitted}, closed {closed}",
    "explain.by": "client {client}, key {api_key}",
    "explain.asked": "recognised by {evidence}; billing asked for: {billing}",
    "explain.grace_as_decided": "admitted while the books were away, and booked as it was decided",
    "explain.grace_anew": "admitted while the books were away, at {at}; others had written by then, so it was drawn "
    "anew when they were back",
    "explain.outcome": "outcome {outcome}, upstream {upstream}, usage as reported",
    "explain.outcome_estimated": "outcome {outcome}, upstream {upstream}, usage estimated",
    "explain.released_because": "released: {reason}",
    "explain.still_open": "its hold expires {at}",
    "explain.title.usage": "Usage",
    "explain.title.waterfall": "Who paid, in the order asked",
    "explain.title.prices": "At which prices",
    "explain.title.windows": "Windows, as they stood after it",
    "explain.class.input": "input",
    "explain.class.cached": "input from cache",
    "explain.class.cache_write_5m": "cache write, 5 minutes",
    "explain.class.cache_write_1h": "cache write, 1 hour",
    "explain.class.output": "output",
    "explain.class.images": "images",
    "explain.class.tool_calls": "tool calls",
    "explain.class.requests": "requests",
    "explain.class.prompts": "prompts",
    "explain.column.class": "",
    "explain.column.held": "held",
    "explain.column.used": "used",
    "explain.column.source": "source",
    "explain.column.list_value": "list value",
    "explain.column.multiplier": "multiplier",
    "explain.column.paid": "paid",
    "explain.column.rate_card": "rate card",
    "explain.column.lots": "lots",
    "explain.column.window": "window",
    "explain.column.opened": "opened",
    "explain.column.drawn": "drawn",
    "explain.column.stands": "stands at",
    "explain.column.reopens": "reopens",
    "explain.everyone": "(everyone)",
    "explain.passed": "passed over: {why}",
    "explain.ran_out": "{paid}, then {why}",
    "explain.until": "{reason} ({subject}) until {at}",
    "explain.debt": ", and {amount} {unit} nobody covered",
    "explain.given_back": "{amount} held and given back",
    # verify
    "verify.help": (
        "Rebuild every balance, window and sum from the journal and compare. Exit code 1 and a list where anything "
        "differs. Reads the books as they stand at one moment, also beside a serving gate, and writes nothing."
    ),
    "verify.examples": "faregate verify\nfaregate verify --json",
    "verify.begun": "verifying",
    "verify.progress": "verifying: {entries} entries",
    "verify.seen": "{accounts} accounts, {entries} entries, {usage_rows} usage rows, {open_holds} open holds",
    "verify.title.balance": "Trial balance",
    "verify.title.findings": "{count} findings",
    "verify.column.ledger": "ledger",
    "verify.column.unit": "unit",
    "verify.column.amount": "balance",
    "verify.column.code": "code",
    "verify.column.where": "where",
    "verify.column.detail": "what differs",
    "verify.clean": "clean: everything follows from the journal, and all postings sum to zero",
    # admin
    "admin.help": "Tokens for the operator API.",
    "admin.examples": "faregate admin token --name laptop",
    "admin.token.help": "Make a new admin token. It is printed once, on standard output; only its hash is stored.",
    "admin.token.examples": "faregate admin token\nfaregate admin token --name ci --json",
    "admin.token.name": "The operator's word for it.",
    "admin.token.once": "keep it: it is shown this once; send it as Authorization: Bearer",
}
