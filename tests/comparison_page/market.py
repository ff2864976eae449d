"""A made-up market and a made-up month of work, replayed coarsely: a comparison as large as a real one.

Owns the fixture alone. Everything follows from the numbers below, so every run draws the same page. The replay knows
windows by the hour and is no model of the engine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Literal

from faregate.comparison.result import (
    Block,
    Comparison,
    ModelUse,
    PlanOutcome,
    TokenCounts,
    Verdict,
    WindowOutcome,
    WindowSeries,
)

BEGINS = datetime(2026, 5, 31, 16, tzinfo=UTC)  # Midnight of 1 June in Shanghai.
HOURS = 30 * 24
LIST_VALUE_OF_A_PROMPT = Fraction("0.94")
REQUESTS_OF_A_PROMPT = 14
TOKENS_OF_A_REQUEST = 31_000


@dataclass(frozen=True)
class Window:
    """A window of ``hours`` that starts with use and holds ``prompts``."""

    id: str
    hours: int
    prompts: int
    names: tuple[str, str]


Mark = Literal["official", "measured", "estimated"]
FIVE_NAMES = ("Every 5 hours", "每 5 小时")
WEEK_NAMES = ("Every week", "每周")
MONTH_NAMES = ("Every month", "每月")


@dataclass(frozen=True)
class Offer:
    """A plan of the made-up market: price in CNY, windows in prompts."""

    id: str
    names: tuple[str, str]
    price: int
    windows: tuple[Window, ...]
    mark: Mark = "official"
    uncertain: Fraction = Fraction(0)
    stand_ins: dict[str, str] = field(default_factory=dict)


def five(prompts: int) -> Window:
    return Window("5h", 5, prompts, FIVE_NAMES)


def week(prompts: int) -> Window:
    return Window("week", 7 * 24, prompts, WEEK_NAMES)


def month(prompts: int) -> Window:
    return Window("month", 30 * 24, prompts, MONTH_NAMES)


GLM = {"claude-sonnet-4-5": "glm-4.7"}
KIMI = {"claude-sonnet-4-5": "kimi-k2.5", "gpt-5-codex": "kimi-k2.5"}
TENTH = Fraction(1, 10)
THIRD = Fraction(3, 10)
OFFERS = (
    Offer("glm/lite", ("GLM Coding Plan Lite", "GLM Coding Plan Lite"), 49, (five(80), week(320)), stand_ins=GLM),
    Offer("glm/pro", ("GLM Coding Plan Pro", "GLM Coding Plan Pro"), 149, (five(400), week(1600)), stand_ins=GLM),
    Offer("glm/max", ("GLM Coding Plan Max", "GLM Coding Plan Max"), 469, (five(1600), week(6400)), stand_ins=GLM),
    Offer("kimi/andante", ("Kimi Andante", "Kimi Andante"), 49, (five(23), week(115)), "measured", TENTH, KIMI),
    Offer("kimi/moderato", ("Kimi Moderato", "Kimi Moderato"), 99, (five(92), week(460)), "estimated", THIRD, KIMI),
    Offer(
        "kimi/allegretto", ("Kimi Allegretto", "Kimi Allegretto"), 199, (five(460), week(2300)), "estimated", THIRD
    ),
    Offer("kimi/allegro", ("Kimi Allegro", "Kimi Allegro"), 699, (five(1380), week(6900)), "estimated", THIRD, KIMI),
    Offer("minimax-cn/starter", ("MiniMax Starter (China)", "MiniMax Starter（国内）"), 29, (five(40),)),
    Offer("minimax-cn/plus", ("MiniMax Plus (China)", "MiniMax Plus（国内）"), 49, (five(100),)),
    Offer("minimax-cn/max", ("MiniMax Max (China)", "MiniMax Max（国内）"), 119, (five(300),)),
    Offer("minimax-cn/plus-fast", ("MiniMax Plus Fast (China)", "MiniMax Plus-极速版（国内）"), 98, (five(100),)),
    Offer("minimax-cn/max-fast", ("MiniMax Max Fast (China)", "MiniMax Max-极速版（国内）"), 199, (five(300),)),
    Offer(
        "minimax-cn/ultra-fast", ("MiniMax Ultra Fast (China)", "MiniMax Ultra-极速版（国内）"), 899, (five(2000),)
    ),
    Offer("minimax/starter", ("MiniMax Starter", "MiniMax Starter（国际）"), 72, (five(100),)),
    Offer("ark/lite", ("Volcengine Ark Lite", "火山方舟 Lite"), 40, (five(85), week(640), month(1285))),
    Offer("ark/pro", ("Volcengine Ark Pro", "火山方舟 Pro"), 200, (five(428), week(3214), month(6428))),
    Offer("bailian/lite", ("Alibaba Bailian Lite", "阿里云百炼 Lite"), 40, (five(85), week(640), month(1285))),
    Offer("bailian/pro", ("Alibaba Bailian Pro", "阿里云百炼 Pro"), 200, (five(428), week(3214), month(6428))),
    Offer("88code/plus", ("88code PLUS", "88code PLUS"), 198, (Window("day", 24, 160, ("Every day", "每天")),)),
    Offer("88code/pro", ("88code PRO", "88code PRO"), 298, (Window("day", 24, 225, ("Every day", "每天")),)),
    Offer(
        "88code/free+88code/plus+88code/paygo",
        ("88code FREE + PLUS + PayGo", "88code FREE + PLUS + PayGo"),
        296,
        (Window("day", 24, 192, ("Every day", "每天")),),
    ),
    Offer("claude/pro", ("Claude Pro", "Claude Pro"), 143, (five(30), week(140)), "estimated", THIRD),
    Offer("claude/max-5x", ("Claude Max 5×", "Claude Max 5×"), 717, (five(150), week(700)), "estimated", THIRD),
    Offer("claude/max-20x", ("Claude Max 20×", "Claude Max 20×"), 1434, (five(600), week(2800)), "estimated", THIRD),
    Offer("chatgpt/pro", ("ChatGPT Pro", "ChatGPT Pro"), 1434, (five(420), week(2100)), "estimated", THIRD),
)


def prompts_of(hour: int) -> int:
    """Prompts in an hour of the month: office hours, some evenings, two feverish days, quiet weekends."""
    day, clock = divmod(hour, 24)
    weekday = day % 7
    base = (0, 0, 0, 0, 0, 0, 0, 0, 1, 4, 7, 6, 2, 3, 7, 8, 7, 5, 2, 1, 3, 4, 3, 1)[clock]
    base = base * 9 // 4
    if weekday >= 5:
        base = base // 4 if clock < 20 else 0
    if day in (9, 10, 23):
        base *= 3
    return max(base + (day * 7 + clock * 5) % 4 - 1, 0) if base else 0


def replay(windows: tuple[Window, ...], scale: Fraction) -> tuple[list[int], list[list[Fraction]], dict[str, int]]:
    """Refused prompts by hour, fullness of windows by hour, and refusals by window, at ``scale`` of the limits."""
    used = [0] * len(windows)
    since = [-1] * len(windows)
    refused = [0] * HOURS
    fullness: list[list[Fraction]] = [[] for _ in windows]
    caused = {window.id: 0 for window in windows}
    for hour in range(HOURS):
        wanted = prompts_of(hour)
        for place, window in enumerate(windows):
            if since[place] >= 0 and hour - since[place] >= window.hours:
                used[place], since[place] = 0, -1
            if wanted and since[place] < 0:
                since[place] = hour
        rooms = [int(window.prompts * scale) - used[place] for place, window in enumerate(windows)]
        paid = min(wanted, *rooms) if rooms else wanted
        refused[hour] = wanted - paid
        if refused[hour]:
            caused[windows[rooms.index(min(rooms))].id] += refused[hour] * REQUESTS_OF_A_PROMPT
        for place, window in enumerate(windows):
            used[place] += paid
            fullness[place].append(Fraction(used[place]) / (window.prompts * scale))
    return refused, fullness, caused


def at(hour: int) -> str:
    return (BEGINS + timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%SZ")


def decimal(value: Fraction | int, places: int = 6) -> str:
    scaled = round(Fraction(value) * 10**places)
    text = f"{scaled // 10**places}.{scaled % 10**places:0{places}d}"
    return text.rstrip("0").rstrip(".")


def blocks_of(offer: Offer, refused: list[int]) -> list[Block]:
    found: list[Block] = []
    begun: int | None = None
    for hour in [*range(HOURS), HOURS]:
        stopped = hour < HOURS and (refused[hour] > 0 or (begun is not None and prompts_of(hour) == 0))
        if stopped and begun is None:
            begun = hour
        if not stopped and begun is not None:
            requests = sum(refused[begun:hour]) * REQUESTS_OF_A_PROMPT
            window = offer.windows[-1].id if hour - begun > 20 else offer.windows[0].id
            found.append(
                Block(begins=at(begun), ends=at(hour), hours=str(hour - begun), window=window, requests=requests)
            )
            begun = None
    return found


def by_hour(counts: list[int]) -> list[list[int]]:
    table = [[0] * 24 for _ in range(7)]
    for hour, count in enumerate(counts):
        table[hour // 24 % 7][hour % 24] += count * REQUESTS_OF_A_PROMPT
    return table


def tokens(requests: int) -> TokenCounts:
    total = requests * TOKENS_OF_A_REQUEST
    cached, output = total * 92 // 100, total // 200
    written = total * 3 // 100
    rest = total - cached - output - written
    return TokenCounts(
        input=rest, cached=cached, cache_write_5m=written, cache_write_1h=0, output=output, total=total
    )


def outcome(offer: Offer) -> PlanOutcome:
    """What came of ``offer`` in the made-up month."""
    wanted = sum(prompts_of(hour) for hour in range(HOURS))
    refused, fullness, caused = replay(offer.windows, Fraction(1))
    ends = [sum(replay(offer.windows, 1 + sign * offer.uncertain)[0]) for sign in (-1, 1)]
    stopped = sum(refused)
    beside = stopped * LIST_VALUE_OF_A_PROMPT
    # A wallet that is part of the offer pays what else would be bought at list prices.
    wallet, overflow = (beside, Fraction(0)) if "paygo" in offer.id else (Fraction(0), beside)
    blocks = blocks_of(offer, refused)
    admitted_value = (wanted - stopped) * LIST_VALUE_OF_A_PROMPT
    held = min(window.prompts * Fraction(720, window.hours) for window in offer.windows)
    binding = max(caused, key=lambda name: caused[name]) if stopped else None
    requests = wanted * REQUESTS_OF_A_PROMPT
    bound = min(offer.windows, key=lambda window: window.prompts * Fraction(720, window.hours))
    return PlanOutcome(
        id=offer.id,
        plans=offer.id.split("+"),
        names={"en": offer.names[0], "zh": offer.names[1]},
        printed_price=f"{offer.price} CNY/month",
        price=str(offer.price),
        price_per_month=str(offer.price),
        holds={
            "prompts": decimal(held, 1),
            "requests": decimal(held * REQUESTS_OF_A_PROMPT, 1),
            "tokens": decimal(held * REQUESTS_OF_A_PROMPT * TOKENS_OF_A_REQUEST, 0),
            "list_value": decimal(held * LIST_VALUE_OF_A_PROMPT, 2),
            "bound_by": bound.id,
            "band": {"low": decimal(1 - offer.uncertain), "high": decimal(1 + offer.uncertain)},
            "derivation": {
                "en": [
                    f"{bound.names[0]}: {bound.prompts} prompts",
                    f"30 days × 24 h ÷ {bound.hours} h = {decimal(Fraction(720, bound.hours), 2)} windows",
                    f"{bound.prompts} × {decimal(Fraction(720, bound.hours), 2)} = {decimal(held, 1)} prompts",
                    f"× {REQUESTS_OF_A_PROMPT} requests a prompt × 31K tokens a request",
                ],
                "zh": [
                    f"{bound.names[1]}：{bound.prompts} 次提问",
                    f"30 天 × 24 小时 ÷ {bound.hours} 小时 = {decimal(Fraction(720, bound.hours), 2)} 个窗口",
                    f"{bound.prompts} × {decimal(Fraction(720, bound.hours), 2)} = {decimal(held, 1)} 次提问",
                    f"× 每次提问 {REQUESTS_OF_A_PROMPT} 个请求 × 每个请求 31K token",
                ],
            },
        },
        leverage=decimal(admitted_value / offer.price, 2),
        money_per_million_tokens=decimal(
            offer.price * Fraction(10**6, max(wanted - stopped, 1) * REQUESTS_OF_A_PROMPT * TOKENS_OF_A_REQUEST)
        ),
        requests=requests,
        admitted=(wanted - stopped) * REQUESTS_OF_A_PROMPT,
        admitted_share=decimal(1 - Fraction(stopped, wanted)),
        admitted_band={
            "low": decimal(1 - Fraction(ends[0], wanted)),
            "high": decimal(1 - Fraction(ends[1], wanted)),
        },
        refused=stopped * REQUESTS_OF_A_PROMPT,
        not_offered=0,
        blocked_hours=str(sum(int(block["hours"]) for block in blocks)),
        worst_blocks=sorted(blocks, key=lambda block: (-int(block["hours"]), block["begins"]))[:5],
        blocks=len(blocks),
        blocked_spans=[(block["begins"], block["ends"]) for block in blocks][:200],
        windows=[
            window_outcome(offer, window, fullness[place], caused) for place, window in enumerate(offer.windows)
        ],
        binds=binding,
        wallet_cost=decimal(wallet, 2),
        overflow_cost=decimal(overflow, 2),
        everything_cost=decimal(offer.price + beside, 2),
        everything_band={
            "low": decimal(offer.price + ends[1] * LIST_VALUE_OF_A_PROMPT, 2),
            "high": decimal(offer.price + ends[0] * LIST_VALUE_OF_A_PROMPT, 2),
        },
        wasted=decimal(max(1 - Fraction(wanted - stopped) / held, Fraction(0))),
        stand_ins=dict(offer.stand_ins),
        series=[series(offer, window, fullness[place]) for place, window in enumerate(offer.windows)],
        blocked_by_hour=by_hour(refused),
        mark=offer.mark,
        sources=[
            "Coding Plan, https://plans.example/coding-plan?tier=1&lang=en, read 2026-02-16",
            f"{offer.names[0]}: pricing page, read 2026-02-12",
        ],
        problem=None,
    )


def window_outcome(offer: Offer, window: Window, fullness: list[Fraction], caused: dict[str, int]) -> WindowOutcome:
    refusals = caused[window.id]
    whole = sum(caused.values())
    return WindowOutcome(
        id=window.id,
        plan=offer.id,
        names={"en": window.names[0], "zh": window.names[1]},
        unit="prompt",
        limit=str(window.prompts),
        refusals=refusals,
        binding=decimal(Fraction(refusals, whole)) if whole else "0",
        wasted=decimal(1 - max(fullness) * Fraction(3, 4)),
        fullest=decimal(max(fullness)),
        mark=offer.mark,
    )


def series(offer: Offer, window: Window, fullness: list[Fraction]) -> WindowSeries:
    points = [(at(hour), decimal(share, 4)) for hour, share in enumerate(fullness) if hour % 2 == 0][:400]
    return WindowSeries(
        window=window.id, plan=offer.id, names={"en": window.names[0], "zh": window.names[1]}, points=points
    )


def comparison(offers: tuple[Offer, ...] = OFFERS) -> Comparison:
    """The whole comparison: one month, 25 plans and one that could not be replayed."""
    counts = [prompts_of(hour) for hour in range(HOURS)]
    prompts = sum(counts)
    requests = prompts * REQUESTS_OF_A_PROMPT
    plans = sorted(
        (outcome(offer) for offer in offers), key=lambda plan: (Fraction(plan["everything_cost"]), plan["id"])
    )
    return Comparison(
        made_at="2026-07-01T01:00:00Z",
        version="0.3.0",
        currency="CNY",
        months="1",
        zone="Asia/Shanghai",
        usage={
            "kind": "logs",
            "name": "~/.claude/projects, ~/.codex/sessions",
            "files": 214,
            "tools": {"claude-code": 189, "codex": 25},
            "broken_lines": 3,
            "begins": at(9),
            "ends": at(HOURS - 1),
            "days": "30",
            "requests": requests,
            "prompts": prompts,
            "sessions": 97,
            "tokens": tokens(requests),
            "list_value": decimal(prompts * LIST_VALUE_OF_A_PROMPT, 2),
            "models": models(requests),
            "unpriced_models": ["in-house-coder"],
            "prices_behind": {"mistralai/mistral-large": "genai-prices 0.0.1"},
        },
        rates=[
            {
                "base": "USD",
                "quote": "CNY",
                "rate": "7.1702",
                "since": "2026-06-01",
                "source": "ECB, https://rates.example/2026-06",
            }
        ],
        requests_by_hour=by_hour(counts),
        plans=[*plans, unplayed()],
        verdict=verdict(plans),
    )


def models(requests: int) -> list[ModelUse]:
    shares = (
        ("claude-sonnet-4-5", 70, "181.40", "USD"),
        ("gpt-5-codex", 25, "52.07", "USD"),
        ("glm-4.7", 4, "60.10", "CNY"),
    )
    known = [
        ModelUse(
            model=name,
            requests=requests * part // 100,
            tokens=tokens(requests * part // 100),
            list_value=value,
            currency=currency,
        )
        for name, part, value, currency in shares
    ]
    rest = requests // 100
    return [
        *known,
        ModelUse(model="in-house-coder", requests=rest, tokens=tokens(rest), list_value=None, currency=None),
    ]


def unplayed() -> PlanOutcome:
    """A plan none of whose models can stand in."""
    plan = outcome(OFFERS[0])
    plan["id"], plan["names"] = "gemini/pro", {"en": "Google AI Pro", "zh": "Google AI Pro"}
    plan["problem"] = {
        "en": "no model of this plan can stand in for claude-sonnet-4-5",
        "zh": "该套餐没有能替代 claude-sonnet-4-5 的模型",
    }
    return plan


def verdict(plans: list[PlanOutcome]) -> Verdict:
    best, other = plans[0], plans[1]
    share = f"{decimal(Fraction(best['admitted_share']) * 100, 1)}%"
    return Verdict(
        best=best["id"],
        en=(
            f"{best['names']['en']} does all of your work for ¥{best['everything_cost']} a month. It admits {share} "
            f"of your requests; next is {other['names']['en']}, at ¥{other['everything_cost']}."
        ),
        zh=(
            f"{best['names']['zh']} 每月 ¥{best['everything_cost']} 就能完成你的全部工作。它放行 {share} 的请求；"
            f"其次是 {other['names']['zh']}，需 ¥{other['everything_cost']}。"
        ),
    )
