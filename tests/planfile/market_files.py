"""Plan files of the market that are not shipped yet: proof that the language can say them."""

from __future__ import annotations

GLM_OLD = """\
family: glm
version: "2025-10"
names: {en: GLM Coding Plan, zh: GLM 编码套餐}
source: {document: GLM Coding Plan FAQ, as_of: "2025-10-01"}
sale: {until: "2026-02-12T00:00:00+08:00"}
cohort: {bought_before: "2026-02-12T00:00:00+08:00", keep: while_renewed}
zone: Asia/Shanghai
order: [plans_held, api]
one_of: {plans_held: [lite, pro]}
payments:
  wechat: {names: {en: WeChat Pay, zh: 微信支付}, kind: wallet}
  alipay: {names: {en: Alipay, zh: 支付宝}, kind: wallet}
meters:
  vision: {unit: prompt, versions: [{weights: {tool_calls: 1}}]}
models:
  glm: [z-ai/glm-4.6, z-ai/glm-4.5, z-ai/glm-4.5-air]
  searching: [tool/web-search, tool/web-read]
tools:
  - {id: tool/web-search, names: {en: Web search, zh: 联网搜索}, outside_plans: not_sold}
  - {id: tool/web-read, names: {en: Web reader, zh: 网页读取}, outside_plans: not_sold}
  - {id: tool/vision, names: {en: Vision, zh: 视觉理解}, outside_plans: not_sold}
rates:
  - model: z-ai/glm-4.7
    currency: CNY
    prices: {cached: 0.4, input: 2, output: 8}
    tiers:
      - {min_output: 200, prices: {cached: 0.6, input: 3, output: 14}}
      - {min_input: 32000, prices: {cached: 0.8, input: 4, output: 16}}
gift:
  buys: [plans, renewals, packs, api]
  text: {en: Never withdrawn or transferred., zh: 不可提现、不可转让。}
referral:
  reward: 10%
  into: gift
  pays_within: 72h
  no_refund_for: 1d
  review: [24h, 48h]
  friend_discount: 10%
  first_order_discount: 50%
templates:
  coding:
    models: [glm, searching, tool/vision]
    clients:
      allowed: [claude-code, roo, kilo, cline, opencode, crush, goose]
      others: bill_as_api
      may_choose_api: false
    when_exhausted: wait
    calls_per_prompt: 20
    model_mapping:
      - {from: "claude-opus-*", to: z-ai/glm-4.6}
      - {from: "claude-sonnet-*", to: z-ai/glm-4.6}
      - {from: "claude-haiku-*", to: z-ai/glm-4.5-air}
    windows:
      five_hours: {kind: first-use, length: 5h}
      search: {kind: calendar, every: month}
    sources:
      - {id: prompts, meter: prompts, windows: [five_hours], models: [glm]}
      - {id: vision, meter: vision, windows: [five_hours], models: [tool/vision]}
      - {id: search, meter: calls, windows: [search], models: [searching]}
    renewal: {paid_from: [gift, cash, provider], cancel_before: 3d}
    refund: {allowed: false}
    switch:
      upgrade: {when: now, charges: difference_of_period_left, keeps_period: true}
      downgrade: {when: period_end, charges: full_price}
    sharing: {allowed: false, signals: [addresses, clients, sessions, concurrency]}
plans:
  lite:
    like: coding
    names: {en: Lite, zh: Lite}
    prices: [{id: monthly, amount: 40 CNY, period: month, pay_with: [wechat, alipay]}]
    windows: {five_hours: {limit: 120 prompts}, search: {limit: 100 calls}}
    facts:
      - {id: tokens, kind: measured, names: {en: tokens in 5 hours, zh: 5 小时 token}, value: 40M tokens}
      - id: claim
        kind: claim
        names: {en: Said by the vendor, zh: 官方说法}
        text: {en: Three times Claude Pro, zh: 相当于 Claude Pro 套餐用量的 3 倍}
  pro:
    like: coding
    names: {en: Pro, zh: Pro}
    prices: [{id: monthly, amount: 200 CNY, period: month, pay_with: [wechat, alipay]}]
    windows: {five_hours: {limit: 600 prompts}, search: {limit: 1000 calls}}
  api:
    names: {en: API balance, zh: API 余额}
    wallet: true
    models: ["z-ai/*"]
    pools: {balance: {unit: CNY, debt: carry}}
    sources: [{id: balance, meter: cost, pool: balance}]
"""

GLM_NEW = """\
family: glm
version: "2026-02-12"
names: {en: GLM Coding Plan, zh: GLM 编码套餐}
source: {document: AI Coding Plan notes, as_of: "2026-02-16"}
sale: {since: "2026-02-12T00:00:00+08:00"}
zone: Asia/Shanghai
order: [lite]
multipliers:
  model: {by: model, values: [{models: [z-ai/glm-5], times: 3}]}
  night: {by: schedule, values: [{times: 1}], bands: [{from: "23:00", until: "07:00", days: [sat, sun], times: 0.5}]}
plans:
  lite:
    names: {en: Lite, zh: Lite}
    prices: [{id: monthly, amount: 49 CNY, period: month}]
    models: [z-ai/*]
    windows:
      five_hours: {kind: first-use, length: 5h, limit: 80 prompts}
      week: {kind: first-use, length: 7d, limit: 320 prompts}
    sources:
      - {id: prompts, meter: prompts, windows: [five_hours, week], multipliers: [model, night]}
"""

KIMI = """\
family: kimi
version: "2026-02-16"
names: {en: Kimi Code, zh: Kimi 登月计划}
source: {document: AI Coding Plan notes, as_of: "2026-02-16"}
order: [tiers]
one_of: {tiers: [andante, moderato]}
templates:
  tier:
    models: [moonshotai/*]
    windows:
      five_hours: {kind: first-use, length: 5h}
      week: {kind: first-use, length: 7d, meter: uncached_tokens}
      open: {kind: concurrency, guard: true, limit: 8 requests}
    sources: [{id: tokens, meter: tokens, windows: [five_hours, week]}]
plans:
  andante:
    like: tier
    names: {en: Andante, zh: Andante}
    prices: [{id: monthly, amount: 49 CNY, period: month}]
    windows: {five_hours: {limit: 10M tokens}, week: {limit: 4M tokens}}
  moderato:
    like: tier
    names: {en: Moderato, zh: Moderato}
    prices: [{id: monthly, amount: 99 CNY, period: month}]
    windows: {five_hours: {limit: 40M tokens}, week: {limit: 16M tokens}}
"""

ARK = """\
family: ark
version: "2026-02-16"
names: {en: Ark Coding Plan, zh: 方舟 Coding Plan}
source: {document: AI Coding Plan notes, as_of: "2026-02-16"}
order: [lite]
plans:
  lite:
    names: {en: Lite, zh: Lite}
    prices: [{id: monthly, amount: 40 CNY, period: month}]
    models: ["*"]
    admission: fits
    hold_expires: 10m
    lost_hold: charge
    windows:
      five_hours: {kind: first-use, length: 5h, limit: 1200 requests}
      week: {kind: first-use, length: 7d, limit: 9000 requests}
      month: {kind: purchase, every: month, limit: 18000 requests}
    sources: [{id: requests, meter: requests, windows: [five_hours, week, month]}]
    checks: [{figure: windows.month, of: windows.week, times: [2]}]
"""
