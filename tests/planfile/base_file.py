"""A small, right plan file that tests change in one place each."""

from __future__ import annotations

BASE = """\
family: demo
version: "1"
names: {en: Demo, zh: 演示}
source: {document: none, as_of: "2026-01-01"}
zone: Asia/Shanghai
order: [plans_held, wallet]
one_of:
  plans_held: [small, large]
units:
  flow: {names: {en: Flow, zh: Flow}, meaning: {en: A unit., zh: 单位。}}
meters:
  flow:
    unit: flow
    versions:
      - cost: {currency: USD, times: 39.6}
      - {since: "2026-06-01", cost: {currency: USD, times: 40}}
exchange:
  - {from: USD, to: CNY, rates: [{rate: 7}]}
payments:
  stripe: {names: {en: Card, zh: 银行卡}, kind: card}
models:
  coding: [anthropic/claude-opus-4, openai/gpt-5]
  everything: [coding, z-ai/*]
segments:
  insider: {names: {en: Insider, zh: 会员}, meaning: {en: Early., zh: 早期。}}
multipliers:
  loyalty: {by: segment, values: [{segment: insider, times: 1/2}]}
  heavy: {by: model, values: [{models: [openai/gpt-5], times: 3}]}
  use: {by: use, every: day, brackets: [{up_to: 20 USD, times: 1}, {times: 2}]}
plans:
  small:
    names: {en: Small, zh: 小}
    prices:
      - {id: monthly, amount: 10 USD, period: month, pay_with: [stripe]}
    models: [coding]
    companions: [wallet]
    windows:
      day: {kind: calendar, every: day, limit: 5 flows}
      rpm: {kind: sliding, length: 60s, limit: 10 requests, guard: true, lifted_by: wallet}
    sources:
      - {id: flows, meter: flow, windows: [day], multipliers: [loyalty, heavy]}
    facts:
      - {id: week, kind: computed, names: {en: Week, zh: 每周}, of: windows.day, times: [7]}
    checks:
      - {figure: facts.week, of: windows.day, times: [7]}
  large:
    names: {en: Large, zh: 大}
    prices:
      - {id: monthly, amount: 20 USD, period: month}
    models: [everything]
    pools:
      main: {refill: {at: renewal, amount: 100 USD, bonus: 20%}}
    sources:
      - {id: main, meter: cost, pool: main, multipliers: [use]}
  wallet:
    names: {en: Wallet, zh: 钱包}
    wallet: true
    models: ["*"]
    pools:
      money: {unit: USD, debt: carry}
    sources:
      - {id: money, meter: cost, pool: money}
"""
