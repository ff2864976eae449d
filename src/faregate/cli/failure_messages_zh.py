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

KINDS: Mapping[str, str] = {
    "account": "账号",
    "key": "密钥",
    "request": "请求",
    "running plan": "进行中的套餐",
    "segment": "分组",
    "(any)": "（任一）",
}
