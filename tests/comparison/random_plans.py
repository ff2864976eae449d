"""Plans of every shape with sizes drawn at random, and busy weeks to replay against them.

Owns the family's text and the strategies. Sizes are small against the usage, so that everything binds some time.
"""

from __future__ import annotations

from string import Template

from hypothesis import strategies as st

from faregate.core.instants import SECOND
from faregate.core.logged_request import LoggedRequest
from faregate.core.usage import Usage
from tests.comparison.small_plans import MODEL, MONDAY, OTHER

_FAMILY = Template("""\
family: random
version: "1"
names: {en: Random, zh: 随机}
source: {document: made for tests, as_of: "2026-03-01"}
zone: Asia/Shanghai
order: [daily, restored, tokens, value, priced, flows, guarded, bands, counted, prompts, sliding, lifetime, fits,
  chosen, closed, pack, api]
stand_in: z-ai/glm-4.7
models:
  all: [z-ai/glm-4.7, z-ai/glm-4.6, anthropic/claude-sonnet-4.5]
units:
  flow: {names: {en: Flow, zh: Flow}, meaning: {en: value, zh: 价值}}
meters:
  flow:
    unit: flow
    names: {en: Flows, zh: Flows}
    versions: [{cost: {currency: USD, times: 39.6}, weights: {requests: 0.02}}]
  fresh:
    unit: token
    names: {en: fresh tokens, zh: 新 token}
    versions: [{weights: {input: 1, output: 1}}]
multipliers:
  peak:
    by: schedule
    values: [{times: 1}]
    bands: [{from: "14:00", until: "18:00", times: 3}]
  model:
    by: model
    values: [{models: [z-ai/glm-4.6], times: 1/3}]
  use:
    by: use
    every: day
    brackets: [{up_to: $some CNY, times: 1}, {up_to: $many CNY, times: 1.5}, {times: 2}]
templates:
  any: {models: [all]}
  timed:
    like: any
    prices: [{id: monthly, amount: 30 CNY, period: month}]
    windows:
      5h: {kind: first-use, length: 5h}
      week: {kind: purchase, every: week}
plans:
  daily:
    like: any
    names: {en: Daily, zh: 每日}
    prices: [{id: free, amount: 0 CNY, period: none, renews: false}]
    pools: {day: {refill: {at: calendar, amount: $few CNY, every: day}}}
    sources: [{id: day, meter: cost, pool: day, multipliers: [model]}]
  restored:
    like: any
    names: {en: Restored, zh: 恢复}
    prices: [{id: monthly, amount: 30 CNY, period: month}]
    pools: {cap: {refill: {at: restore, times: 2, every: day, amount: $few CNY}}}
    windows: {day: {kind: calendar, every: day, limit: $some CNY}}
    sources: [{id: cap, meter: cost, pool: cap, windows: [day]}]
  tokens:
    like: timed
    names: {en: Tokens, zh: 令牌}
    windows: {5h: {limit: ${few}00000 tokens}, week: {limit: ${some}00000 tokens, meter: fresh}}
    sources: [{id: tokens, meter: tokens, windows: [5h, week]}]
  value:
    like: timed
    names: {en: Value, zh: 价值}
    companions: [api]
    windows: {5h: {limit: $few CNY}, week: {limit: $many CNY}}
    sources: [{id: value, meter: cost, windows: [5h, week], multipliers: [model]}]
  priced:
    like: any
    names: {en: Priced, zh: 双池}
    prices: [{id: monthly, amount: 30 CNY, period: month}]
    companions: [api]
    pools:
      main: {refill: {at: renewal, amount: $some CNY, bonus: 20%}}
      backup: {refill: {at: renewal, amount: $few CNY}}
    windows:
      rpm: {kind: sliding, length: 60s, limit: $rate requests, guard: true, lifted_by: api}
      day: {kind: calendar, every: day, limit: $few CNY}
    sources:
      - {id: main, meter: cost, pool: main, windows: [day]}
      - {id: backup, meter: cost, pool: backup}
  flows:
    like: timed
    names: {en: Flows, zh: 流量}
    companions: [api]
    windows:
      rpm: {kind: sliding, length: 60s, limit: $rate requests, guard: true}
      5h: {limit: $some flow}
      week: {limit: $many flow}
    sources: [{id: flows, meter: flow, windows: [5h, week]}]
  guarded:
    like: any
    names: {en: Guarded, zh: 限速}
    prices: [{id: monthly, amount: 30 CNY, period: month}]
    windows:
      rpm: {kind: sliding, length: 60s, limit: $rate requests, guard: true}
      day: {kind: calendar, every: day, limit: ${many} requests}
    sources: [{id: requests, meter: requests, windows: [day]}]
  bands:
    like: timed
    names: {en: Bands, zh: 时段}
    windows: {5h: {limit: $some CNY}, week: {limit: $many CNY}}
    sources: [{id: bands, meter: cost, windows: [5h, week], multipliers: [peak, model]}]
  counted:
    like: timed
    names: {en: Counted, zh: 计数}
    companions: [api]
    calls_per_prompt: $calls
    windows: {5h: {limit: $few prompts}, week: {limit: $some prompts}}
    sources: [{id: prompts, meter: prompts, windows: [5h, week]}]
  prompts:
    like: timed
    names: {en: Prompts, zh: 提问}
    windows: {5h: {limit: $few prompts}, week: {limit: $some prompts}}
    sources: [{id: prompts, meter: prompts, windows: [5h, week], multipliers: [model]}]
  sliding:
    like: any
    names: {en: Sliding, zh: 滑动}
    prices: [{id: monthly, amount: 30 CNY, period: month}]
    windows: {5h: {kind: sliding, length: 5h, limit: $few CNY}}
    sources: [{id: value, meter: cost, windows: [5h]}]
  lifetime:
    like: any
    names: {en: Lifetime, zh: 终身}
    prices: [{id: once, amount: 30 CNY, period: none, renews: false}]
    windows: {ever: {kind: lifetime, limit: $many requests}}
    sources: [{id: value, meter: requests, windows: [ever]}]
  fits:
    like: timed
    names: {en: Fits, zh: 足额}
    admission: fits
    windows: {5h: {limit: $few CNY}, week: {limit: $many CNY}}
    sources: [{id: value, meter: cost, windows: [5h, week]}]
  chosen:
    like: timed
    names: {en: Chosen, zh: 限工具}
    companions: [api]
    calls_per_prompt: $calls
    clients: {allowed: [claude-code], others: bill_as_api}
    windows: {5h: {limit: $few prompts}, week: {limit: $some prompts}}
    sources: [{id: prompts, meter: prompts, windows: [5h, week]}]
  closed:
    like: timed
    names: {en: Closed, zh: 不对外}
    clients: {allowed: [claude-code], others: refuse}
    windows:
      rpm: {kind: sliding, length: 60s, limit: $rate requests, guard: true}
      5h: {limit: $some CNY}
      week: {limit: $many CNY}
    sources: [{id: value, meter: cost, windows: [5h, week]}]
  pack:
    like: any
    names: {en: Pack, zh: 包}
    prices: [{id: once, amount: 10 CNY, period: none, renews: false}]
    pools: {pack: {granted: $budget CNY}}
    sources: [{id: pack, meter: cost, pool: pack, multipliers: [use]}]
  api:
    names: {en: Wallet, zh: 钱包}
    models: ["*"]
    wallet: true
    opt_in: true
    pools: {wallet: {unit: CNY, debt: carry}}
    sources: [{id: wallet, meter: cost, pool: wallet}]
exchange:
  - {from: USD, to: CNY, rates: [{rate: 7}]}
""")

OFFERS = (
    "daily",
    "restored",
    "tokens",
    "value",
    "value+api",
    "priced",
    "priced+api",
    "flows",
    "flows+api",
    "guarded",
    "bands",
    "counted",
    "counted+api",
    "prompts",
    "sliding",
    "lifetime",
    "fits",
    "chosen",
    "chosen+api",
    "closed",
    "pack",
    "daily+restored+pack",
    "daily+counted",
    "tokens+value",
    "guarded+lifetime",
)
"""Of the family ``random``."""


def _family(few: int, some: int, many: int, calls: int, rate: int, budget: int) -> str:
    sizes = sorted((few, some, many))
    return _FAMILY.substitute(few=sizes[0], some=sizes[1], many=sizes[2], calls=calls, rate=rate, budget=budget)


families = st.builds(
    _family,
    st.integers(1, 8),
    st.integers(2, 20),
    st.integers(8, 60),
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(3, 30),
)

_FURTHER = """\
  keyed:
    like: any
    names: {en: Keyed, zh: 按键}
    prices: [{id: monthly, amount: 30 CNY, period: month}]
    windows:
      rpm: {kind: sliding, length: 60s, limit: 2 requests, guard: true, by: key}
      day: {kind: calendar, every: day, limit: 9 CNY}
    sources: [{id: value, meter: cost, windows: [day], multipliers: [model, kind]}]
  kinds:
    like: timed
    names: {en: Kinds, zh: 分群}
    windows: {5h: {limit: 7 CNY}, week: {limit: 50 CNY}}
    sources: [{id: value, meter: cost, windows: [5h, week], multipliers: [kind, model]}]
  api:
    names"""
_TURN = "2026-03-10T00:00:00+08:00"
_RULES = {
    "1": f'sale: {{until: "{_TURN}"}}\ncohort: {{bought_before: "2026-03-05T00:00:00+08:00", keep: while_renewed}}\n',
    "2": f'sale: {{since: "{_TURN}"}}\nformer: {{keep: period}}\n',
}
FURTHER = ("keyed", "keyed+api", "kinds", "kinds+api")
"""Of the family ``random`` in two versions, besides OFFERS."""


def _version(text: str, version: str) -> str:
    """A family as one of two versions that follow each other, with plans that count by key and segment."""
    return (
        text.replace('version: "1"', f'version: "{version}"')
        .replace("zone: Asia/Shanghai", _RULES[version] + "zone: Asia/Shanghai", 1)
        .replace("pack, api]", "pack, keyed, kinds, api]")
        .replace("  use:\n", "  kind:\n    by: segment\n    values: [{segment: abuse, times: 2}]\n  use:\n", 1)
        .replace(
            "templates:\n",
            "segments:\n  abuse: {names: {en: Abuse, zh: 滥用}, meaning: {en: a, zh: 甲}}\ntemplates:\n",
            1,
        )
        .replace("  api:\n    names", _FURTHER, 1)
    )


successors = st.tuples(families, families).map(lambda pair: (_version(pair[0], "1"), _version(pair[1], "2")))
"""Two versions of the family: accounts move from the one to the other at a renewal, or keep theirs."""


@st.composite
def busy_weeks(draw: st.DrawFn) -> list[LoggedRequest]:
    """Bursts of requests in a few sessions, over up to five weeks."""
    at = MONDAY
    requests: list[LoggedRequest] = []
    bursts = st.tuples(st.sampled_from([40, 900, 9_000, 40_000, 200_000]), st.integers(1, 30), st.integers(0, 40))
    for pause, count, pace in draw(st.lists(bursts, min_size=1, max_size=14)):
        at += pause * SECOND
        session = draw(st.sampled_from(["", "one", "two", "three"]))
        model = draw(st.sampled_from([MODEL, MODEL, OTHER, "z-ai/glm-4.6", "nobody/knows"]))
        client = draw(st.sampled_from(["claude-code", "claude-code", "codex"]))
        sizes = draw(st.sampled_from([(20_000, 90_000, 900), (0, 10, 0), (300_000, 0, 5_000), (7, 33_333, 11)]))
        for number in range(count):
            at += pace * SECOND + number % 3
            silent = number % 13 == 12
            usage = Usage(
                input=0 if silent else sizes[0],
                cached=sizes[1] + number,
                output=0 if silent else sizes[2],
                prompts=int(number % 5 == 0),
            )
            requests.append(LoggedRequest(at, model, usage, client, session))
    return requests
