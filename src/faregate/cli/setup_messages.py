"""What `faregate setup` says, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "setup.help": (
        "Point a coding tool at this gate: shows what to put where, or with --write puts it there. What else stands "
        "in the tool's files stays, a copy of them is kept, and the key is open to nobody else."
    ),
    "setup.examples": (
        "faregate setup --list\n"
        "faregate setup claude-code --base-url https://gate.example.com\n"
        "faregate setup codex --model gpt-5.2-codex --write --key-env MY_KEY"
    ),
    "setup.base_url": "Address of the gate, with or without /v1.",
    "setup.model": "The model to use; most tools need one.",
    "setup.small_model": "The model for titles and other small work, where the tool knows such a one.",
    "setup.api": "Which API the tool speaks, where it can speak several: chat, responses or messages.",
    "setup.write": "Write the tool's files; asks for the key.",
    "setup.key_env": "With --write: the key stands in this variable of the environment.",
    "setup.key_stdin": "With --write: the key is the first line of standard input.",
    "setup.list": "List the tools.",
    "setup.ask_key": "Your API key for the gate",
    "setup.title": "Tools",
    "setup.column.tool": "tool",
    "setup.column.name": "name",
    "setup.column.api": "api",
    "setup.column.way": "set up in",
    "setup.way.hand": "its own settings, by hand",
    "setup.way.files": "files",
    "setup.file": "# {file}",
    "setup.made": "{file}: written",
    "setup.changed": "{file}: changed; what it was stands in {backup}",
    "setup.unchanged": "{file}: already so",
    "setup.note.ready": "Start the tool: it goes through the gate.",
    "setup.note.shell": "Then, in the shell that starts the tool: . {file}",
    "setup.note.run": "Then run once: sh {file}",
    "setup.note.import": (
        "Then import {file} in Roo Code's settings, or name it in VS Code's roo-cline.autoImportSettingsPath."
    ),
    "setup.note.write": "To have it written: faregate setup {tool} … --write",
    "setup.note.rival": "{name} is set in {place}: {tool} would send that key to the gate, too. Take it out there.",
    "setup.environment": "this environment",
    "setup.by_hand": "In the settings of {name}, for an OpenAI-compatible provider of its own:",
    "setup.by_hand.base_url": "  base URL: {url}",
    "setup.by_hand.key": "  API key:  your key for the gate",
    "setup.by_hand.model": "  model:    {model}",
    "setup.unmendable.comments": "has comments or trailing commas, which would be lost",
    "setup.unmendable.syntax": "cannot be read",
    "setup.unmendable.shape": "is written in a way that cannot be changed safely",
    "error.setup_model": "{tool} needs a model: give one with --model; GET /v1/models of the gate lists them",
    "error.setup_tool": "there is no tool {name!r} here; `faregate setup --list` names all",
    "error.setup_tool_near": "there is no tool {name!r} here; did you mean {near}? `faregate setup --list` names all",
    "error.setup_api": "{tool} does not speak {api!r}; it speaks: {apis}",
    "error.setup_base_url": "{url!r} is no address of a gate, such as https://gate.example.com",
    "error.setup_no_key": "there is no key: name a variable with --key-env, pipe it with --key-stdin, or type it",
    "error.setup_unmendable": (
        "a file of {tool} {reason}; nothing was written. Put it in by hand: `faregate setup {tool} …` shows what"
    ),
    "error.setup_by_hand": "{tool} is set up in its own windows; leave out --write to see what to enter",
}

CHINESE: Mapping[str, str] = {
    "setup.help": (
        "把编程工具接到本网关：显示该在哪里写什么，加 --write 则直接写入。文件中的其他设置保留不动，"
        "原文件留有备份，密钥不对他人可读。"
    ),
    "setup.examples": ENGLISH["setup.examples"],
    "setup.base_url": "网关地址，带不带 /v1 均可。",
    "setup.model": "使用的模型；大多数工具必须指定。",
    "setup.small_model": "用于生成标题等小任务的模型（工具支持时）。",
    "setup.api": "工具可用多种 API 时选择其一：chat、responses 或 messages。",
    "setup.write": "写入工具的配置文件；会询问密钥。",
    "setup.key_env": "与 --write 同用：从该环境变量读取密钥。",
    "setup.key_stdin": "与 --write 同用：标准输入的第一行是密钥。",
    "setup.list": "列出支持的工具。",
    "setup.ask_key": "你在网关的 API 密钥",
    "setup.title": "工具",
    "setup.column.tool": "工具",
    "setup.column.name": "名称",
    "setup.column.api": "API",
    "setup.column.way": "配置方式",
    "setup.way.hand": "在工具的设置界面手动填写",
    "setup.way.files": "配置文件",
    "setup.file": "# {file}",
    "setup.made": "{file}：已写入",
    "setup.changed": "{file}：已修改；原内容保存在 {backup}",
    "setup.unchanged": "{file}：内容已是如此",
    "setup.note.ready": "启动工具即可，请求会经过网关。",
    "setup.note.shell": "随后在启动工具的终端里执行：. {file}",
    "setup.note.run": "随后执行一次：sh {file}",
    "setup.note.import": (
        "随后在 Roo Code 的设置中导入 {file}，或在 VS Code 的 roo-cline.autoImportSettingsPath 中填入它。"
    ),
    "setup.note.write": "直接写入：faregate setup {tool} … --write",
    "setup.note.rival": "{place} 中设有 {name}：{tool} 会把那个密钥也发给网关，请在那里去掉。",
    "setup.environment": "当前环境",
    "setup.by_hand": "在 {name} 的设置中添加一个 OpenAI 兼容的自定义服务商：",
    "setup.by_hand.base_url": "  接口地址：{url}",
    "setup.by_hand.key": "  API 密钥：你在网关的密钥",
    "setup.by_hand.model": "  模型：    {model}",
    "setup.unmendable.comments": "含有注释或多余的逗号，改写会丢失它们",
    "setup.unmendable.syntax": "无法解析",
    "setup.unmendable.shape": "的写法无法安全修改",
    "error.setup_model": "{tool} 需要指定模型：请加 --model；网关的 GET /v1/models 列出可用模型",
    "error.setup_tool": "没有名为 {name!r} 的工具；`faregate setup --list` 列出全部",
    "error.setup_tool_near": "没有名为 {name!r} 的工具；是否指 {near}？`faregate setup --list` 列出全部",
    "error.setup_api": "{tool} 不支持 {api!r}；可选：{apis}",
    "error.setup_base_url": "{url!r} 不是网关地址，例如 https://gate.example.com",
    "error.setup_no_key": "没有密钥：用 --key-env 指定环境变量，或用 --key-stdin 传入，或直接输入",
    "error.setup_unmendable": (
        "{tool} 的一个配置文件{reason}；未写入任何内容。请手动添加：`faregate setup {tool} …` 会显示内容"
    ),
    "error.setup_by_hand": "{tool} 的设置只能在它自己的界面里修改；去掉 --write 查看要填写的内容",
}
