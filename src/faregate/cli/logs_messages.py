"""What `faregate logs` says, in both languages, under the same keys."""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "logs.help": (
        "Show what the logs of coding tools hold: requests, prompts, tokens by class, list value by model. "
        "Reads the usual places of Claude Code, Codex, OpenCode, Gemini CLI and Qwen Code, or the files and folders "
        "given, in which a usage file of `faregate simulate` or a table may stand too. Copies of a request count "
        "once; a line that cannot be read is counted, told and left out. What large logs said is kept for the next "
        "time (FAREGATE_CACHE=off: nowhere). docs/logs.md says how everything is counted."
    ),
    "logs.examples": "faregate logs\nfaregate logs ~/.claude/projects --json\nfaregate logs use.csv",
    "logs.workers": "Read in N processes; as many as there are cores where left out.",
    "logs.reading": "reading logs",
    "logs.no_such_path": "{path} is not there",
    "logs.none": "no logs found; looked in {places}. Name files or folders: faregate logs PATH",
    "logs.not_a_log": "no log that is known in {places}: {tools} are; see docs/logs.md for the form of tables",
    "logs.unreadable": "cannot be opened and is left out: {path}",
    "logs.title.tools": "Logs",
    "logs.title.models": "Use by model, {begins} to {ends}",
    "logs.column.tool": "tool",
    "logs.column.files": "files",
    "logs.column.size": "MB",
    "logs.column.requests": "requests",
    "logs.column.prompts": "prompts",
    "logs.column.model": "model",
    "logs.column.input": "input",
    "logs.column.cached": "cached",
    "logs.column.cache_write_5m": "write 5 min",
    "logs.column.cache_write_1h": "write 1 h",
    "logs.column.output": "output",
    "logs.column.list_value": "list value",
    "logs.all": "all",
    "logs.unpriced": "no price",
    "logs.nothing": "There is no request in them.",
    "logs.duplicates": "{count} lines told again of a request that was counted.",
    "logs.broken": "broken lines left out: {count}, the first of them:",
    "logs.broken_at": "{file}:{line}: {reason}",
    "logs.broken_file": "{file}: {reason}",
    "logs.reason.not_json": "no JSON: torn, or two lines run into one",
    "logs.reason.cut_off": "cut off: it does not begin and end as an object",
    "logs.reason.too_long": "longer than any line a tool writes",
    "logs.reason.wrong_shape": "JSON, but not as the tool writes it",
    "logs.reason.bad_time": "no time in it that can be read",
    "logs.reason.in_future": "a request more than a year from now: its clock was wrong",
    "logs.reason.bad_number": "a count in it is no whole number, negative or beyond reason",
    "logs.reason.missing_column": "a column is missing",
    "logs.reason.cannot_read": "cannot be opened or read",
}

CHINESE: Mapping[str, str] = {
    "logs.help": (
        "显示编程工具日志里有什么：请求、prompt、各类 token、按模型的目录价。"
        "读取 Claude Code、Codex、OpenCode、Gemini CLI、Qwen Code 的默认位置，或指定的文件和文件夹；"
        "也可以读 `faregate simulate` 的用量文件或表格。同一请求的副本只计一次；读不了的行会被计数、列出并跳过。"
        "较大的日志读过后会记下用量，下次不再重读（FAREGATE_CACHE=off 则不记）。"
        "计算方法见 docs/logs.md。"
    ),
    "logs.examples": ENGLISH["logs.examples"],
    "logs.workers": "用 N 个进程读取；不写则与 CPU 核数相同。",
    "logs.reading": "读取日志",
    "logs.no_such_path": "{path} 不存在",
    "logs.none": "没有找到日志；已查找：{places}。请指定文件或文件夹：faregate logs PATH",
    "logs.not_a_log": "{places} 中没有可识别的日志；可识别的有：{tools}；表格的格式见 docs/logs.md",
    "logs.unreadable": "无法打开，已跳过：{path}",
    "logs.title.tools": "日志",
    "logs.title.models": "按模型的用量，{begins} 至 {ends}",
    "logs.column.tool": "工具",
    "logs.column.files": "文件",
    "logs.column.size": "MB",
    "logs.column.requests": "请求",
    "logs.column.prompts": "prompt",
    "logs.column.model": "模型",
    "logs.column.input": "输入",
    "logs.column.cached": "缓存读",
    "logs.column.cache_write_5m": "缓存写 5 分钟",
    "logs.column.cache_write_1h": "缓存写 1 小时",
    "logs.column.output": "输出",
    "logs.column.list_value": "目录价",
    "logs.all": "合计",
    "logs.unpriced": "无价格",
    "logs.nothing": "其中没有请求。",
    "logs.duplicates": "{count} 行重复了已计入的请求。",
    "logs.broken": "跳过 {count} 行损坏的内容，最前面的是：",
    "logs.broken_at": "{file}:{line}：{reason}",
    "logs.broken_file": "{file}：{reason}",
    "logs.reason.not_json": "不是 JSON：被截断，或两行粘在一起",
    "logs.reason.cut_off": "被截断：首尾不成一个对象",
    "logs.reason.too_long": "比任何工具写的行都长",
    "logs.reason.wrong_shape": "是 JSON，但不是该工具的写法",
    "logs.reason.bad_time": "没有可读的时间",
    "logs.reason.in_future": "请求时间比现在晚一年以上：当时的时钟不对",
    "logs.reason.bad_number": "其中的数目不是整数、为负或大得离谱",
    "logs.reason.missing_column": "缺少一列",
    "logs.reason.cannot_read": "无法打开或读取",
}
