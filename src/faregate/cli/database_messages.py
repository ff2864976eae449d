"""What `faregate migrate` and `faregate copy` say, in both languages, under the same keys."""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "migrate.help": (
        "Bring a database to the schema of this Faregate. Serving does it by itself at its start; with several "
        "machines on one database, do it once before the first of them is renewed."
    ),
    "migrate.examples": "faregate migrate --db postgresql://faregate@db.example.org/faregate",
    "migrate.done": "the schema is the newest",
    "copy.help": (
        "Copy all books from SQLite to an empty PostgreSQL database: journal, keys, plans, everything. All or "
        "nothing; both sides are verified afterwards. Stop the server first."
    ),
    "copy.examples": "faregate copy --from sqlite:///faregate.db --to postgresql://faregate@db.example.org/faregate",
    "copy.from": "The database to copy, sqlite:///FILE; it stays as it is.",
    "copy.to": "The empty database to copy to, postgresql://USER@HOST/NAME.",
    "copy.begun": "copying",
    "copy.copying": "copying: {entries} entries",
    "copy.verifying": "verifying: {entries} entries",
    "copy.done": "copied {entries} entries of {accounts} accounts and {rows} other rows; both sides verify clean",
}

CHINESE: Mapping[str, str] = {
    "migrate.help": (
        "把数据库升级到本版 Faregate 的结构。服务启动时会自动升级；"
        "多台机器共用一个数据库时，请在升级第一台之前执行一次。"
    ),
    "migrate.examples": ENGLISH["migrate.examples"],
    "migrate.done": "结构已是最新",
    "copy.help": (
        "把全部账本（分录、密钥、套餐等）从 SQLite 复制到空的 PostgreSQL 数据库。要么全部完成，要么什么都不做；"
        "完成后核对两边。请先停止服务。"
    ),
    "copy.examples": ENGLISH["copy.examples"],
    "copy.from": "要复制的数据库，sqlite:///文件；其内容不变。",
    "copy.to": "目标空数据库，postgresql://用户@主机/名称。",
    "copy.begun": "复制中",
    "copy.copying": "复制中：{entries} 条分录",
    "copy.verifying": "核对中：{entries} 条",
    "copy.done": "已复制 {accounts} 个账号的 {entries} 条分录和其他 {rows} 行；两边核对一致",
}
