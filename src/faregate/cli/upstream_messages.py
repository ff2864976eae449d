"""What is said about upstreams, what they cost, and a request's way through them, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "upstream.help": "The upstreams of a configuration.",
    "upstream.examples": "faregate upstream list --config faregate.yaml",
    "upstream.list.help": (
        "Check a configuration and list its upstreams: in which order they are asked, with how many keys, at what "
        "cost. How they are right now a running server tells: GET /api/v1/upstreams."
    ),
    "upstream.list.examples": "faregate upstream list --config faregate.yaml",
    "upstream.config": "Configuration file.",
    "upstream.none": "This configuration has no upstreams.",
    "upstream.live": "How they are right now: GET /api/v1/upstreams of the running server, with an admin token.",
    "upstream.title": "Upstreams, in the order of their priority",
    "upstream.column.name": "upstream",
    "upstream.column.dialects": "dialects",
    "upstream.column.models": "models",
    "upstream.column.priority": "priority",
    "upstream.column.weight": "weight",
    "upstream.column.keys": "keys",
    "upstream.column.concurrency": "at once",
    "upstream.column.cost": "cost",
    "upstream.cost": "{share} of list",
    "upstream.cost.own": "{share} of its own prices",
    "upstream.costs.title": "Paid to upstreams in these days, where their cost is known",
    "upstream.costs.cost": "cost",
    "upstream.costs.list_value": "list value",
    "upstream.costs.margin": "left of the list value",
    "upstream.way.key": "upstream key {name}",
    "upstream.way.tried": "tried before: {upstream}, {fault}",
    "upstream.way.tried_key": "tried before: {upstream} with key {api_key}, {fault}",
    "upstream.way.cost": "cost {cost} {currency}, {share} of {rate_card}",
    "upstream.way.margin": "left of the list value: {margin} {currency}",
}

CHINESE: Mapping[str, str] = {
    "upstream.help": "配置文件中的上游。",
    "upstream.examples": "faregate upstream list --config faregate.yaml",
    "upstream.list.help": (
        "检查配置文件并列出其中的上游：请求的先后顺序、密钥数量和成本。"
        "上游当前的状态由运行中的服务提供：GET /api/v1/upstreams。"
    ),
    "upstream.list.examples": "faregate upstream list --config faregate.yaml",
    "upstream.config": "配置文件。",
    "upstream.none": "这个配置没有上游。",
    "upstream.live": "当前状态：向运行中的服务请求 GET /api/v1/upstreams（需要管理令牌）。",
    "upstream.title": "上游，按优先级排列",
    "upstream.column.name": "上游",
    "upstream.column.dialects": "接口",
    "upstream.column.models": "模型",
    "upstream.column.priority": "优先级",
    "upstream.column.weight": "权重",
    "upstream.column.keys": "密钥",
    "upstream.column.concurrency": "并发",
    "upstream.column.cost": "成本",
    "upstream.cost": "官方价 × {share}",
    "upstream.cost.own": "自有价格 × {share}",
    "upstream.costs.title": "这些天支付给上游的费用（已知成本的部分）",
    "upstream.costs.cost": "成本",
    "upstream.costs.list_value": "官方价金额",
    "upstream.costs.margin": "官方价减成本",
    "upstream.way.key": "上游密钥 {name}",
    "upstream.way.tried": "此前尝试：{upstream}，{fault}",
    "upstream.way.tried_key": "此前尝试：{upstream}，密钥 {api_key}，{fault}",
    "upstream.way.cost": "成本 {cost} {currency}，{rate_card} × {share}",
    "upstream.way.margin": "官方价减成本：{margin} {currency}",
}
