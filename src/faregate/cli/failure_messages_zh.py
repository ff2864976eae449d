"""内层失败的中文文本。What failures of the inner layers say in Chinese, by code; in English they say it themselves.

``{message}`` is the failure's own text; the other fields are its attributes.
"""

from __future__ import annotations

from collections.abc import Mapping

FAILURES: Mapping[str, str] = {
    "not_found": "没有{kind} {name!r}",
    "unknown_price": "{plan} 没有价格 {price!r}；可选：{known}",
    "idempotency_clash": "幂等键 {key!r} 已用于其他内容；请换一个新的",
    "secret_shown_before": "密钥 {key} 已由先前的一次执行创建，当时已显示且没有保存；请轮换它以得到新密钥",
    "unknown_subject": "账号没有{kind} {name!r}；它有：{known}",
    "unknown_plan": "没有套餐 {name!r}：{message}",
    "no_rate": "没有从 {base} 到 {quote} 的汇率；已知汇率的货币：{known}",
    "bad_amount": "{text!r} 不是可用的数额：{problem}",
    "amount_overflow": "{amount} 超出 64 位账本范围",
    "bad_command": "无法执行：{message}",
    "version_taken": "{plan}@{version} 已发布且内容不同，已发布的版本不再改变；请写新的 version。不同之处：{differs}",
    "unit_changed": "{plan}@{version}：额度池 {pool!r} 的单位是 {unit}，已发布版本中是 {published}；请换一个 id",
    "not_on_sale": "{plan} 在 {at} 不销售；如仍需开通，请写明版本：{versions}",
    "unknown_database": "{where}：不是可识别的数据库地址；请写 sqlite:///文件 或 sqlite:////绝对路径",
    "store_unreachable": "{where}：无法打开数据库：{problem}",
    "store_not_a_database": "{where}：不是 Faregate 的数据库：{problem}",
    "store_newer_schema": "{where}：由更新版本写成（结构 {found}，本程序只识别到 {known}）；请升级 faregate",
    "store_older_schema": "{where}：结构为旧版 {found}，本程序读取 {known}；请先以可写方式打开一次",
    "store_locked": "{where}：被其他进程占用太久；没有写入，可以重试",
    "store_read_only": "{where}：不可写：{problem}",
    "store_disk_full": "{where}：磁盘已满；没有写入，可以重试",
    "store_corrupt": "{where}：内容自相矛盾：{problem}",
    "store_broken": "{where}：无法保证写入磁盘：{problem}；请关闭后重新打开",
    "store_bad_row": "{where}：无法写入的内容：{problem}",
}

COMMANDS: Mapping[str, str] = {
    "not_unicode": "给出的文字不是 Unicode；请用 UTF-8 书写",
    "no_schedule": "{plan} 没有倍率时间表 {schedule}；它有：{have}",
    "multiplier_not_positive": "倍率要大于零；{value} 不是",
    "multiplier_in_the_past": "倍率不能改变过去；请给出此刻或以后的时间",
    "no_name": "账号需要名称；请至少写一个字符",
    "name_of_several": "有 {count} 个账号名为 {name}；请写其中一个的 id：{ids}",
    "no_period": "价格 {price} 没有周期，不能按周期购买",
    "key_revoked": "密钥 {key} 已被吊销；请新建一个",
    "one_of_its_kind": "{running} 正在进行，同类套餐只能有一个；开通 {plan} 前请先取消它，或等它结束",
    "which_plan": "有多个套餐在进行；请用 plan 指明其中一个：{plans}",
    "grant_not_positive": "赠送数额要大于零；{amount} 不是",
    "grant_ends_first": "赠送会在开始之前过期；请给出更晚的 expires_at",
    "no_restore": "{pool} 的套餐没有恢复额度的条款",
    "restored_enough": "{pool} 在本{every}内已恢复 {times} 次",
    "at_its_cap": "{pool} 已满，无须恢复",
    "always_on": "{plan} 始终启用，没有开关",
    "segment_ends_first": "分组会在开始之前结束",
    "another_family": "{plan} 与 {running} 不属于同一系列",
}
"""By the rule that a command breaks (`faregate.core.errors.RULES`)."""

KINDS: Mapping[str, str] = {
    "account": "账号",
    "key": "密钥",
    "request": "请求",
    "running plan": "进行中的套餐",
    "segment": "分组",
    "(any)": "（任一）",
    "day": "日",
    "week": "周",
    "month": "月",
}
