"""The page at `/`: what runs here and where its doors are, until the console takes its place.

Owns that one page, in English and Chinese. It shows nothing of any account.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from faregate import __version__

_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'sha256-%s'; frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;max-width:44rem;margin:4rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}code{background:#f1f1ee;padding:.1em .35em;border-radius:4px}h1{font-size:1.6rem}"
    "@media(prefers-color-scheme:dark){body{color:#e8e8e3;background:#161614}code{background:#2a2a27}a{color:#9cc4ff}}"
)
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Faregate</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style></head><body>
<h1>Faregate {version}</h1>
<p>The gate is open. Point a tool at it by changing its base URL and key alone.</p>
<p lang="zh">网关已启动。只需更改工具的接口地址和密钥即可使用。</p>
<ul>
<li>OpenAI: <code>{base}/v1</code></li>
<li>Anthropic: <code>{base}</code></li>
<li>Operators / 管理 API: <a href="/api/v1/openapi.json"><code>{base}/api/v1</code></a></li>
</ul>
<p>The web console comes with a later release; until then <code>faregate account show</code>,
<code>faregate usage</code> and <code>faregate explain</code> tell the same.</p>
<p lang="zh">网页控制台将在后续版本提供；目前可用上面的命令查看同样的信息。</p>
</body></html>
"""


def _digest() -> str:
    return b64encode(sha256(_STYLE.encode()).digest()).decode()


async def welcome(request: Request) -> Response:
    """The page."""
    base = escape(f"{request.url.scheme}://{request.headers.get('host', request.url.netloc)}")
    page = _PAGE.format(style=_STYLE, version=__version__, base=base)
    headers = dict(_HEADERS)
    headers["content-security-policy"] %= _digest()
    return HTMLResponse(page, headers=headers)
