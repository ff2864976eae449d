"""Counting prompts: how many a request counts on each plan that counts them.

Owns the rule that a prompt covers ``calls_per_prompt`` calls of its session and then counts again, so that a forged
prompt or session buys nothing. Does not know how a prompt is recognised.
"""

from __future__ import annotations

from faregate.core.request import Request
from faregate.core.route import Route

Calls = tuple[str, str, tuple[str, int], tuple[str, int] | None]
"""(subscription, session, counter after, counter before); a counter is (prompt key, calls under it)."""


def count_prompts(route: Route, request: Request) -> tuple[dict[str, int], list[Calls]]:
    """Prompts that ``request`` counts by subscription, and the counters after it.

    Calls of sessions that never opened a prompt share one counter; a prompt sent again is one prompt.
    """
    counts: dict[str, int] = {}
    calls: list[Calls] = []
    for subscription in route.counts_prompts:
        limit = subscription.terms.calls_per_prompt or 1
        known = subscription.prompt_calls
        opens = bool(request.usage.prompts)
        session = request.session if opens or request.session in known else ""
        before = known.get(session)
        again = opens and before is not None and request.prompt and before[0] == request.prompt
        if opens and not again:
            count, after = request.usage.prompts, (request.prompt, 1)
        else:
            made = (before[1] if before is not None else 0) + 1
            count = 1 if made > limit else 0
            after = (before[0] if before is not None else "", 1 if count else made)
        counts[subscription.key] = count
        calls.append((subscription.key, session, after, before))
    return counts, calls
