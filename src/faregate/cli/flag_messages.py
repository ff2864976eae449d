"""What is said about flags and their review, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "flag.help": "Flags on accounts that look shared or forwarded: list and review them.",
    "flag.examples": "faregate flag list --state open",
    "flag.list.help": "List flags, those of one account or of all.",
    "flag.list.examples": "faregate flag list --state open\nfaregate flag list --account acme --json",
    "flag.list.title": "Flags",
    "flag.list.account": "Only those of this account.",
    "flag.list.state": "Only those in this state.",
    "flag.none": "There are no such flags.",
    "flag.column.account": "account",
    "flag.column.flag": "flag",
    "flag.column.plan": "plan",
    "flag.column.signal": "signal",
    "flag.column.counted": "counted",
    "flag.column.state": "state",
    "flag.column.action": "does",
    "flag.column.raised": "raised",
    "flag.signal.addresses": "addresses",
    "flag.signal.clients": "clients",
    "flag.signal.sessions": "sessions",
    "flag.signal.concurrency": "requests at once",
    "flag.signal.relay": "end users behind it",
    "flag.signal.many_accounts": "accounts of one device",
    "flag.signal.accounts_of_an_address": "accounts of one address",
    "flag.state.open": "open",
    "flag.state.confirmed": "confirmed",
    "flag.state.dismissed": "dismissed",
    "flag.state.lifted": "lifted",
    "flag.action.none": "nothing",
    "flag.action.warn": "warns",
    "flag.action.slow": "slows",
    "flag.action.restrict": "restricts",
    "flag.show.help": "Show one flag: what was counted, and its review.",
    "flag.show.examples": "faregate flag show acme f1",
    "flag.show.told": (
        "{account} {flag}: {state}; {signal}: {counted} in {hours} h, usual are up to {most} (plan {plan}); "
        "action: {action}; raised {raised_at}"
    ),
    "flag.show.reviewed": "reviewed {reviewed_at} by {by}: {reason}",
    "flag.review.help": (
        "Review a flag: confirm it, dismiss it, or lift one that was confirmed. What a flag does lasts until it is "
        "dismissed or lifted."
    ),
    "flag.review.examples": (
        "faregate flag review acme f1 dismiss --by kim --reason 'a laptop and a server of one person'\n"
        "faregate flag review acme f1 confirm --by kim --reason 'resale, ticket 8' --action restrict --segment abuse"
    ),
    "flag.review.by": "Who reviewed it.",
    "flag.review.action": "What a confirmed flag does from now on; as before where left out.",
    "flag.review.segment": "With confirm: put the account into this segment too.",
    "flag.review.until": "When the segment ends; without an end where left out.",
    "flag.review.confirm": "{account}: flag {flag} is confirmed",
    "flag.review.dismiss": "{account}: flag {flag} is dismissed",
    "flag.review.lift": "{account}: flag {flag} is lifted",
    "account.flags.told": "flag {flag}: {signal}, {counted} where up to {most} are usual; {action} until reviewed",
}

CHINESE: Mapping[str, str] = {
    "flag.help": "疑似共享或转发的账号标记：列出并审核。",
    "flag.examples": "faregate flag list --state open",
    "flag.list.help": "列出一个账号或所有账号的标记。",
    "flag.list.examples": "faregate flag list --state open\nfaregate flag list --account acme --json",
    "flag.list.title": "标记",
    "flag.list.account": "只列出这个账号的标记。",
    "flag.list.state": "只列出处于这个状态的标记。",
    "flag.none": "没有这样的标记。",
    "flag.column.account": "账号",
    "flag.column.flag": "标记",
    "flag.column.plan": "套餐",
    "flag.column.signal": "信号",
    "flag.column.counted": "计数",
    "flag.column.state": "状态",
    "flag.column.action": "措施",
    "flag.column.raised": "提出时间",
    "flag.signal.addresses": "地址数",
    "flag.signal.clients": "客户端数",
    "flag.signal.sessions": "会话数",
    "flag.signal.concurrency": "并发请求数",
    "flag.signal.relay": "背后的终端用户数",
    "flag.signal.many_accounts": "同一设备的账号数",
    "flag.signal.accounts_of_an_address": "同一地址的账号数",
    "flag.state.open": "待审核",
    "flag.state.confirmed": "已确认",
    "flag.state.dismissed": "已驳回",
    "flag.state.lifted": "已解除",
    "flag.action.none": "无",
    "flag.action.warn": "提醒",
    "flag.action.slow": "限速",
    "flag.action.restrict": "限制",
    "flag.show.help": "显示一个标记：计数与审核结果。",
    "flag.show.examples": "faregate flag show acme f1",
    "flag.show.told": (
        "{account} {flag}：{state}；{signal}：{hours} 小时内 {counted}，通常不超过 {most}（套餐 {plan}）；"
        "措施：{action}；提出于 {raised_at}"
    ),
    "flag.show.reviewed": "{reviewed_at} 由 {by} 审核：{reason}",
    "flag.review.help": "审核标记：确认、驳回，或解除已确认的标记。标记的措施持续到驳回或解除为止。",
    "flag.review.examples": (
        "faregate flag review acme f1 dismiss --by kim --reason '同一个人的笔记本和服务器'\n"
        "faregate flag review acme f1 confirm --by kim --reason '转售，工单 812' --action restrict --segment abuse"
    ),
    "flag.review.by": "审核人。",
    "flag.review.action": "确认后标记的措施；省略则不变。",
    "flag.review.segment": "确认时把账号放入这个分组。",
    "flag.review.until": "分组何时结束；省略则不结束。",
    "flag.review.confirm": "{account}：标记 {flag} 已确认",
    "flag.review.dismiss": "{account}：标记 {flag} 已驳回",
    "flag.review.lift": "{account}：标记 {flag} 已解除",
    "account.flags.told": "标记 {flag}：{signal} {counted}，通常不超过 {most}；审核前：{action}",
}
