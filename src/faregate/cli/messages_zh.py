"""命令行的中文文本。What the command line says, in Chinese; the keys are those of messages_en.py."""

from __future__ import annotations

from collections.abc import Mapping

from faregate.cli import (
    compare_messages,
    logs_messages,
    plan_change_messages,
    plan_messages,
    price_messages,
    serving_messages,
    upstream_messages,
)
from faregate.cli.house_messages_zh import HOUSE_MESSAGES
from faregate.cli.line_messages_zh import LINE_MESSAGES

MESSAGES: Mapping[str, str] = {
    "faregate.help": "把 LLM API 套餐写成代码：在网关执行，按收支平衡的账本计费。每个命令都可以用 --help 查看说明。",
    "faregate.examples": "faregate plan list\nfaregate simulate --plan agipower/pro --usage usage.jsonl",
    "usage.prefix": "用法：",
    "help.options": "选项",
    "help.commands": "命令",
    "help.examples": "示例",
    "help.help": "显示本说明并退出。",
    "option.lang": "帮助和消息的语言；不写则按环境变量 LANG。",
    "option.version": "显示版本并退出。",
    "option.json": "输出 JSON，供程序读取。",
    "option.file": "自己的套餐文件，加在自带套餐之上；可以写多次。",
    "option.prices": "自己的价格文件，加在自带价格之上；可以写多次。",
    # 出错
    "error.line": "错误[{code}]：{line}",
    "error.usage": "{what}；请看 `{command} --help`",
    "error.no_option": "没有选项 {name}",
    "error.no_option_near": "没有选项 {name}；是不是 {near}？",
    "error.missing": "缺少 {name}",
    "error.bad_value": "{name}：{problem}",
    "error.file": "{file}：{problem}；请检查路径和权限",
    "error.internal": "Faregate 自身的故障：{detail}；请附上 FAREGATE_TRACEBACK=1 显示的内容报告给我们",
    "error.more": "另有 {count} 处；请先改正以上各处",
    "error.stopped": "已停止",
    # plan
    "plan.help": "检查、列出和查看套餐。",
    "plan.examples": "faregate plan list\nfaregate plan show agipower/pro\nfaregate plan check my-plans.yaml",
    "plan.check.help": "检查套餐文件。指出每处错误的位置和改法；有错误时退出码为 2。",
    "plan.check.examples": "faregate plan check my-plans.yaml\nfaregate plan check --json plans/*.yaml",
    "plan.check.good": "{file}：正确：{family}，版本 {version}：{plans}",
    "plan.list.help": "列出自带的套餐，以及所给文件中的套餐。",
    "plan.list.examples": "faregate plan list\nfaregate plan list --file my-plans.yaml --json",
    "plan.list.title": "套餐",
    "plan.show.help": "查看一个套餐：用文字说明条款，并与同系列套餐列表对比。只写系列名则显示该系列全部套餐的表格。",
    "plan.show.examples": (
        "faregate plan show 88code/plus\nfaregate plan show credits\nfaregate --lang zh plan show agipower/pro"
    ),
    "plan.schema.help": "输出套餐语言的 JSON Schema。",
    "plan.schema.examples": "faregate plan schema > plan-family.schema.json",
    "plan.column.plan": "套餐",
    "plan.column.name": "名称",
    "plan.column.price": "价格",
    "plan.column.version": "版本",
    "plan.row.price": "价格",
    "plan.row.models": "模型（含通配）",
    "plan.period.month": "/月",
    "plan.period.year": "/年",
    "plan.period.days": "/{days} 天",
    # simulate
    "simulate.help": (
        "按文件中的时间，用套餐重放用量。文件每行是一个请求或一个运营事件，均为 JSON；说明见 docs/simulate.md。"
    ),
    "simulate.examples": (
        "faregate simulate --plan agipower/pro --usage usage.jsonl\n"
        "faregate simulate --plan 88code/free,88code/plus,88code/paygo --usage usage.jsonl --json\n"
        "faregate simulate --schema"
    ),
    "simulate.plan": "账号从第一行起拥有的套餐；同一系列按自己的顺序扣费。",
    "simulate.usage": "用量文件，每行一个 JSON 对象；- 表示标准输入。",
    "simulate.sort": "先按时间排序。",
    "simulate.schema": "输出每行的 JSON Schema 并退出。",
    "simulate.progress": "重放中",
    "simulate.empty_plan": "--plan：有空的名称；请写 系列/套餐，多个之间用逗号",
    "simulate.plan_twice": "--plan：{plan} 写了两次；请只写一次",
    "simulate.clash": "--plan：{problem}",
    "simulate.title.requests": "请求",
    "simulate.more": "（仅前面部分；另有 {count} 个，请用 --json）",
    "simulate.title.refusals": "被拒绝",
    "simulate.title.totals": "合计",
    "simulate.column.line": "行",
    "simulate.column.at": "时间",
    "simulate.column.model": "模型",
    "simulate.column.paid": "扣费",
    "simulate.column.binding": "受限于",
    "simulate.column.retry": "何时可用",
    "simulate.column.reason": "原因",
    "simulate.column.count": "次数",
    "simulate.column.first": "首次",
    "simulate.column.last": "末次",
    "simulate.debt": "另有 {amount} 无人承担",
    "simulate.refused": "拒绝：{reason}",
    "simulate.not_by_waiting": "等待无效",
    "simulate.not_applied": "第 {line} 行，{at}：{event} 没有改变任何内容：{problem}",
    "simulate.total.requests": "请求数",
    "simulate.total.admitted": "放行",
    "simulate.total.refused": "拒绝",
    "simulate.total.drawn": "由 {source} 支付",
    "simulate.total.debt": "无人承担，记在 {source}",
    "simulate.total.list_value": "放行请求的官方价金额",
    # 拒绝的原因
    "reason.window_full": "窗口已满",
    "reason.rate_limited": "请求过于频繁",
    "reason.concurrency_full": "同时进行的请求过多",
    "reason.pool_empty": "额度已用尽",
    "reason.debt_owed": "有欠款",
    "reason.switched_off": "未开启",
    "reason.model_not_in_plan": "套餐不含该模型",
    "reason.client_not_in_plan": "套餐不含该客户端",
    "reason.no_price": "模型没有价格",
    "reason.no_subscription": "没有套餐",
    "reason.hold_does_not_fit": "超过剩余额度",
    **HOUSE_MESSAGES,
    **{f"line.{code}": words for code, words in LINE_MESSAGES.items()},
    **serving_messages.CHINESE,
    **upstream_messages.CHINESE,
    **price_messages.CHINESE,
    **logs_messages.CHINESE,
    **compare_messages.CHINESE,
    **plan_change_messages.CHINESE,
    **plan_messages.CHINESE,
}
