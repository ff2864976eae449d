"""A model upstream that speaks just enough of OpenAI's Responses for the real Codex to take turns with it.

Owns its answers: a shell call when the last item is a prompt that asks for one, else a word; and the use it reports,
which grows with each request so that no two are alike.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

RUN = "please run "
"""A prompt that begins so is answered with a call of the shell, with what follows."""


class ResponsesUpstream(ThreadingHTTPServer):
    """``asked`` are the bodies received, ``reported`` the use told for each of them."""

    daemon_threads = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[dict[str, Any]] = []
        self.reported: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def responses_upstream() -> Iterator[ResponsesUpstream]:
    """A server on a free port of this machine."""
    server = ResponsesUpstream()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: ResponsesUpstream
    timeout = 2
    """A connection that says nothing is not waited for at the end."""

    def do_GET(self) -> None:
        self._send(404, "application/json", b"{}")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append(body)
        number = len(self.server.asked)
        usage = {
            "input_tokens": 1000 + 10 * number,
            "input_tokens_details": {"cached_tokens": 100 * number},
            "output_tokens": 20 + number,
            "output_tokens_details": {"reasoning_tokens": 7},
            "total_tokens": 1020 + 11 * number,
        }
        self.server.reported.append(usage)
        events = _events(f"resp_{number}", _item(body, number), usage)
        text = "".join(f"event: {each['type']}\ndata: {json.dumps(each)}\n\n" for each in events)
        self._send(200, "text/event-stream", text.encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def _item(body: dict[str, Any], number: int) -> dict[str, Any]:
    last = body["input"][-1]
    content = last.get("content") if last.get("role") == "user" else None
    said = content[0].get("text", "") if isinstance(content, list) and content else ""
    if said.startswith(RUN):
        arguments = json.dumps({"cmd": said.removeprefix(RUN)})
        return {
            "type": "function_call",
            "id": f"fc_{number}",
            "call_id": f"call_{number}",
            "name": "exec_command",
            "arguments": arguments,
        }
    text = {"type": "output_text", "text": f"answer {number}", "annotations": []}
    return {"type": "message", "id": f"msg_{number}", "role": "assistant", "status": "completed", "content": [text]}


def _events(name: str, item: dict[str, Any], usage: dict[str, Any]) -> list[dict[str, Any]]:
    response: dict[str, Any] = {"id": name, "object": "response", "status": "in_progress", "output": []}
    done = {**response, "status": "completed", "output": [item], "usage": usage}
    listed: list[dict[str, Any]] = [
        {"type": "response.created", "response": response},
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": done},
    ]
    return [{**each, "sequence_number": number} for number, each in enumerate(listed)]
