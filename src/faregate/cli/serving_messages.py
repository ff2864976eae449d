"""What `faregate serve` and `faregate demo` say, in both languages, under the same keys."""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "serve.help": (
        "Serve the gate and the operator API on one port, until stopped. Without a configuration nothing is behind "
        "the gate: docs/configuration.md shows one."
    ),
    "serve.examples": (
        "faregate serve --config faregate.yaml\n"
        "faregate serve --config faregate.yaml --db sqlite:////var/lib/faregate/faregate.db --port 8080"
    ),
    "plan.publish.help": (
        "Publish plan files in a database. A published version never changes: a file with other content needs a new "
        "version. A running server takes them up within a second."
    ),
    "plan.publish.examples": "faregate plan publish my-plans.yaml",
    "plan.publish.done": "published {version}",
    "plan.publish.nothing": "everything in these files is published already",
    "serve.config": "Configuration file: upstreams, plans, prices.",
    "serve.host": "Address to listen on; 127.0.0.1 where nothing says otherwise.",
    "serve.port": "Port to listen on; 8080 where nothing says otherwise, 0 takes a free one.",
    "serve.listening": "Faregate listens on {url}, books in {database}. Ctrl-C stops it.",
    "serve.test_clock": (
        "For tests: time moves forward by POST /api/v1/test-clock. On a database made for it, on loopback, without "
        "live payment providers."
    ),
    "serve.workers": "Processes that serve on one port, 1 where nothing says otherwise; more need PostgreSQL.",
    "serve.listening_many": "Faregate listens on {url}, {workers} workers, books in {database}. Ctrl-C stops it.",
    "serve.worker_died": "Worker {number} ended ({code}); it is started again.",
    "serve.one_process": (
        "one process serves a SQLite database ({database}); for --workers, give a PostgreSQL database with --db"
    ),
    "serve.token": "Admin token, shown this once: {token}",
    "serve.no_upstreams": "No upstreams are configured: every request will be refused. See docs/configuration.md.",
    "serve.reloaded": "Configuration read again. Upstreams that came, went or changed: {changed}.",
    "serve.nothing": "none",
    "serve.at_start": "These settings differ now and take effect at the next start: {settings}.",
    "serve.kept": "Configuration read again and not taken, all stays as it was: {problem}",
    "serve.stopping": "Stopping: streams may end within {seconds} s …",
    "serve.cannot_listen": "cannot listen on {where}: {problem}; choose another --port, or stop what listens there",
    "serve.recovered.release": "A crash left request {request} open: its hold was given back.",
    "serve.recovered.settle": "A crash left request {request} open: it was charged as estimated, by its plan's rule.",
    "demo.help": (
        "Start everything on a database of its own with a built-in upstream, create an account on three plans, and "
        "show a first metered call. Stays until Ctrl-C."
    ),
    "demo.examples": "faregate demo\nfaregate demo --once\nfaregate --lang zh demo --port 9000",
    "demo.once": "Stop after the first call.",
    "demo.db": "Keep the books in this database; a temporary one, removed at the end, where left out.",
    "demo.port": "Port to listen on; 8080 or, where that is taken, a free one.",
    "demo.running": "Faregate is running, with a built-in demo upstream behind it.",
    "demo.base_url": "base URL",
    "demo.key": "key",
    "demo.console": "console",
    "demo.token": "admin token",
    "demo.plans": "plans",
    "demo.try": (
        "Claude Code:  ANTHROPIC_BASE_URL={url} ANTHROPIC_AUTH_TOKEN={secret} claude\n"
        "OpenAI SDK:   OPENAI_BASE_URL={url}/v1 OPENAI_API_KEY={secret}"
    ),
    "demo.first_call": "A first metered call, {model}:",
    "demo.stay": "\nIt goes on running; Ctrl-C stops it and removes what it made.",
    "demo.done": "\nStopped; nothing was left behind. Without --once it stays until Ctrl-C.",
}

CHINESE: Mapping[str, str] = {
    "serve.help": (
        "在一个端口上提供网关和管理 API，直到停止。没有配置文件时网关后面没有上游：示例见 docs/configuration.md。"
    ),
    "serve.examples": ENGLISH["serve.examples"],
    "plan.publish.help": (
        "把套餐文件发布到数据库。已发布的版本永不改变：内容不同的文件需要新的版本号。运行中的服务一秒内生效。"
    ),
    "plan.publish.examples": ENGLISH["plan.publish.examples"],
    "plan.publish.done": "已发布 {version}",
    "plan.publish.nothing": "这些文件中的内容都已发布",
    "serve.config": "配置文件：上游、套餐、价格。",
    "serve.host": "监听地址；没有另行指定时为 127.0.0.1。",
    "serve.port": "监听端口；没有另行指定时为 8080，0 表示任选一个空闲端口。",
    "serve.listening": "Faregate 正在监听 {url}，账本在 {database}。按 Ctrl-C 停止。",
    "serve.test_clock": (
        "供测试使用：时间由 POST /api/v1/test-clock 向前拨动。仅限专用数据库、本机回环地址，且没有真实支付渠道。"
    ),
    "serve.workers": "在同一端口上服务的进程数；多于一个需要 PostgreSQL。没有另行指定时为 1。",
    "serve.listening_many": "Faregate 正在监听 {url}，{workers} 个工作进程，账本在 {database}。按 Ctrl-C 停止。",
    "serve.worker_died": "工作进程 {number} 已结束（{code}），将重新启动。",
    "serve.one_process": (
        "SQLite 数据库（{database}）只能由一个进程服务；要用 --workers，请以 --db 指定 PostgreSQL 数据库"
    ),
    "serve.token": "管理令牌，仅显示这一次：{token}",
    "serve.no_upstreams": "没有配置上游：所有请求都会被拒绝。见 docs/configuration.md。",
    "serve.reloaded": "已重新读取配置。新增、移除或更改的上游：{changed}。",
    "serve.nothing": "无",
    "serve.at_start": "这些设置已更改，将在下次启动时生效：{settings}。",
    "serve.kept": "已重新读取配置，但未采用，一切保持不变：{problem}",
    "serve.stopping": "正在停止：最多等待 {seconds} 秒让流式响应结束……",
    "serve.cannot_listen": "无法监听 {where}：{problem}；请换一个 --port，或停掉占用它的程序",
    "serve.recovered.release": "崩溃时请求 {request} 未结束：预留额度已退回。",
    "serve.recovered.settle": "崩溃时请求 {request} 未结束：已按套餐规则以估算用量计费。",
    "demo.help": (
        "用独立的数据库和内置的演示上游启动一切，创建一个拥有三种套餐的账户，并展示第一次计费调用。"
        "一直运行到 Ctrl-C。"
    ),
    "demo.examples": ENGLISH["demo.examples"],
    "demo.once": "第一次调用之后就停止。",
    "demo.db": "把账本保存在这个数据库；不指定时使用临时数据库，结束时删除。",
    "demo.port": "监听端口；默认 8080，被占用时任选一个空闲端口。",
    "demo.running": "Faregate 已启动，后面是内置的演示上游。",
    "demo.base_url": "接口地址",
    "demo.key": "密钥",
    "demo.console": "控制台",
    "demo.token": "管理令牌",
    "demo.plans": "套餐",
    "demo.try": ENGLISH["demo.try"],
    "demo.first_call": "第一次计费调用，{model}：",
    "demo.stay": "\n服务继续运行；按 Ctrl-C 停止并删除临时数据。",
    "demo.done": "\n已停止，没有留下任何东西。不加 --once 会一直运行到 Ctrl-C。",
}
