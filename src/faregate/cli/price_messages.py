"""What `faregate prices` says, in both languages, under the same keys."""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "prices.help": "List, show and refresh the prices of models.",
    "prices.examples": (
        "faregate prices list --maker z-ai\nfaregate prices show claude-opus-4.5\nfaregate prices refresh"
    ),
    "prices.list.help": "List models with their list price in force, per million tokens.",
    "prices.list.examples": (
        "faregate prices list\nfaregate prices list --maker anthropic --at 2025-06-01\n"
        "faregate prices list --maker moonshotai --currency USD --json"
    ),
    "prices.show.help": (
        "Show every dated price of one model, with tiers, sources, ratios to input, context and parameters. "
        "A model that no price file knows is shown as the package genai-prices has it."
    ),
    "prices.show.examples": (
        "faregate prices show claude-sonnet-4\nfaregate prices show glm-4.7 --currency USD\n"
        "faregate prices show gpt-5.5 --at 2026-06-01 --json"
    ),
    "prices.refresh.help": (
        "Compare the cards with the prices of the installed package genai-prices, and show what would change. "
        "Nothing is written without --write. Models that only the package knows go into the file of --into; cards of "
        "every other price file stay, with their tiers and their currency; where the package has another price than "
        "the file, a new version begins now. The past is never changed. Other commands take the file with --prices, "
        "a server under prices: in its configuration. The package is renewed by pip install -U genai-prices."
    ),
    "prices.refresh.examples": (
        "faregate prices refresh\nfaregate prices refresh --maker mistralai --maker openai\n"
        "faregate prices refresh --into prices/genai-prices.yaml --write"
    ),
    "prices.option.maker": "Only models of this maker; may be given several times.",
    "prices.option.at": "The day of the prices (2026-03-01, or an instant with a zone); now where left out.",
    "prices.option.currency": "Convert to USD, CNY or EUR at the dated rate of that day, and say which.",
    "prices.option.into": "The file that refreshes are written to; genai-prices.yaml in this folder where left out.",
    "prices.option.write": "Write the file; without it only the differences are shown.",
    "prices.option.prices": "Another price file of yours, whose cards stay; may be given several times.",
    "prices.bad_day": "{value!r} is not a day; write 2026-03-01, or an instant with a zone: 2026-03-01T10:00:00Z",
    "prices.unknown_model": "no price file knows {name!r}; did you mean {near}? `faregate prices list` has them all",
    "prices.unknown_model_far": "no price file knows {name!r}; `faregate prices list` has them all",
    "prices.unknown_maker": "no price file has models of {name!r}; makers: {known}",
    "prices.unknown_currency": "{name!r} is not a currency that is known; choose from {known}",
    "prices.foreign_file": (
        "{file} was not written by `faregate prices refresh` and is left alone; name another file with --into"
    ),
    "prices.list.title": "List prices per million tokens, {day}",
    "prices.column.model": "model",
    "prices.column.currency": "in",
    "prices.column.input": "input",
    "prices.column.cached_input": "cached",
    "prices.column.cache_write": "write 5 min",
    "prices.column.cache_write_1h": "write 1 h",
    "prices.column.output": "output",
    "prices.column.context": "context",
    "prices.column.since": "since",
    "prices.column.further": "and",
    "prices.column.ours": "kept",
    "prices.column.theirs": "genai-prices",
    "prices.column.why": "why it stays",
    "prices.column.before": "until now",
    "prices.column.after": "from now on",
    "prices.further.tiers": "{count} more by length",
    "prices.further.per_image": "{amount} an image",
    "prices.further.per_tool_call": "{amount} a tool call",
    "prices.further.per_request": "{amount} a request",
    "prices.show.maker": "maker: {maker}",
    "prices.show.aliases": "also called: {names}",
    "prices.show.context": "context: {tokens} tokens",
    "prices.show.total": "parameters: {count}",
    "prices.show.active": "parameters at work for a token: {count}",
    "prices.show.version": "From {day}, {currency} per million tokens{state}",
    "prices.show.always": "Always, {currency} per million tokens{state}",
    "prices.show.in_force": ": in force",
    "prices.show.planned": ": not yet",
    "prices.show.source": "source: {source}",
    "prices.show.note": "note: {note}",
    "prices.tier.all": "every request",
    "prices.tier.below": "below",
    "prices.tier.min_input": "input from {tokens}",
    "prices.tier.min_output": "output from {tokens}",
    "prices.tier.ratio": "× input",
    "prices.rate": "Converted at {rate} {quote} for 1 {base}, the rate of {month}{carried}: {source}",
    "prices.rate.carried": " (the nearest month that is known)",
    "prices.refresh.new": "New: {count} models that only {source} knows",
    "prices.refresh.changed": "Changed: {count} prices in {file}",
    "prices.refresh.kept": "Kept: {count} cards that differ from {source}",
    "prices.refresh.same": "Cards that say the same as {source}: {count}.",
    "prices.refresh.why.own_currency": "a card in the maker's own currency goes first",
    "prices.refresh.why.own_tiers": "a card with tiers by length goes first",
    "prices.refresh.why.own_card": "a card with dated sources goes first",
    "prices.refresh.why.name_taken": "its name is another model's",
    "prices.refresh.nothing": "Nothing to do: {file} is up to date.",
    "prices.refresh.would": "Nothing was written. --write puts this into {file}.",
    "prices.refresh.written": "Written: {file}, {count} models. The past was not changed.",
}

CHINESE: Mapping[str, str] = {
    "prices.help": "列出、查看和更新模型价格。",
    "prices.examples": ENGLISH["prices.examples"],
    "prices.list.help": "列出模型在某日生效的目录价，以每百万 token 计。",
    "prices.list.examples": ENGLISH["prices.list.examples"],
    "prices.show.help": (
        "查看一个模型的全部带日期的价格：分档、来源、与输入价的比值、上下文和参数量。"
        "价格文件都不认识的模型，按 genai-prices 软件包的数据显示。"
    ),
    "prices.show.examples": ENGLISH["prices.show.examples"],
    "prices.refresh.help": (
        "把价目卡与已安装的 genai-prices 软件包比较，显示更新会改变什么。不加 --write 不写任何内容。"
        "只有该软件包认识的模型写入 --into 的文件；其他价格文件的卡片连同分档和货币保持不变；"
        "软件包与该文件价格不同时，从现在起新增一个版本。过去从不改变。用 --prices 把文件交给其他命令，"
        "或写进配置的 prices:。软件包照常更新：pip install -U genai-prices。"
    ),
    "prices.refresh.examples": ENGLISH["prices.refresh.examples"],
    "prices.option.maker": "只看这家厂商的模型；可多次给出。",
    "prices.option.at": "价格的日期（2026-03-01，或带时区的时间）；默认为现在。",
    "prices.option.currency": "按当日的汇率换算为 USD、CNY 或 EUR，并说明所用汇率。",
    "prices.option.into": "更新写入的文件；默认为当前目录的 genai-prices.yaml。",
    "prices.option.write": "写入文件；不加则只显示差异。",
    "prices.option.prices": "你自己的其他价格文件，其中的卡片保持不变；可多次给出。",
    "prices.bad_day": "{value!r} 不是日期；请写 2026-03-01，或带时区的时间 2026-03-01T10:00:00Z",
    "prices.unknown_model": "没有价格文件认识 {name!r}；是不是 {near}？全部见 `faregate prices list`",
    "prices.unknown_model_far": "没有价格文件认识 {name!r}；全部见 `faregate prices list`",
    "prices.unknown_maker": "没有价格文件含有 {name!r} 的模型；厂商：{known}",
    "prices.unknown_currency": "{name!r} 不是已知的货币；可选：{known}",
    "prices.foreign_file": "{file} 不是 `faregate prices refresh` 写成的，不予改动；请用 --into 指定其他文件",
    "prices.list.title": "目录价，每百万 token，{day}",
    "prices.column.model": "模型",
    "prices.column.currency": "货币",
    "prices.column.input": "输入",
    "prices.column.cached_input": "缓存命中",
    "prices.column.cache_write": "写入 5 分钟",
    "prices.column.cache_write_1h": "写入 1 小时",
    "prices.column.output": "输出",
    "prices.column.context": "上下文",
    "prices.column.since": "起始",
    "prices.column.further": "另有",
    "prices.column.ours": "保留",
    "prices.column.theirs": "genai-prices",
    "prices.column.why": "保留的原因",
    "prices.column.before": "此前",
    "prices.column.after": "从现在起",
    "prices.further.tiers": "另有 {count} 档按长度",
    "prices.further.per_image": "每张图 {amount}",
    "prices.further.per_tool_call": "每次工具调用 {amount}",
    "prices.further.per_request": "每次请求 {amount}",
    "prices.show.maker": "厂商：{maker}",
    "prices.show.aliases": "又名：{names}",
    "prices.show.context": "上下文：{tokens} token",
    "prices.show.total": "参数量：{count}",
    "prices.show.active": "每个 token 激活参数：{count}",
    "prices.show.version": "{day} 起，{currency} 每百万 token{state}",
    "prices.show.always": "一直，{currency} 每百万 token{state}",
    "prices.show.in_force": "：生效中",
    "prices.show.planned": "：尚未生效",
    "prices.show.source": "来源：{source}",
    "prices.show.note": "说明：{note}",
    "prices.tier.all": "所有请求",
    "prices.tier.below": "更短的",
    "prices.tier.min_input": "输入 {tokens} 起",
    "prices.tier.min_output": "输出 {tokens} 起",
    "prices.tier.ratio": "× 输入",
    "prices.rate": "按 1 {base} = {rate} {quote} 换算，{month} 的汇率{carried}：{source}",
    "prices.rate.carried": "（已知的最近月份）",
    "prices.refresh.new": "新增：{count} 个只有 {source} 认识的模型",
    "prices.refresh.changed": "变化：{file} 中 {count} 个价格",
    "prices.refresh.kept": "保留：{count} 张与 {source} 不同的卡片",
    "prices.refresh.same": "与 {source} 一致的卡片：{count} 张。",
    "prices.refresh.why.own_currency": "以厂商本币定价的卡片优先",
    "prices.refresh.why.own_tiers": "按长度分档的卡片优先",
    "prices.refresh.why.own_card": "带日期和来源的卡片优先",
    "prices.refresh.why.name_taken": "名称已属于其他模型",
    "prices.refresh.nothing": "无需改动：{file} 已是最新。",
    "prices.refresh.would": "没有写入任何内容。加 --write 写入 {file}。",
    "prices.refresh.written": "已写入 {file}，共 {count} 个模型。过去没有改变。",
}
