"""What upstreams answer in the gate's tests: replies and streams of both dialects, as bytes on the wire."""

from __future__ import annotations

import asyncio

import msgspec

from tests.wire.peers import Script, read_request

CHAT = "/v1/chat/completions"
MESSAGES = "/v1/messages"
CHAT_BODY = {"model": "gpt", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 5000}
MESSAGES_BODY = {"model": "claude", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 5000}

CHAT_USAGE = {"prompt_tokens": 10, "completion_tokens": 7, "total_tokens": 17}
CHAT_REPLY = {
    "id": "c",
    "object": "chat.completion",
    "model": "gpt-upstream",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello there"}, "finish_reason": "stop"}],
    "usage": CHAT_USAGE,
}
MESSAGES_USAGE = {"input_tokens": 10, "output_tokens": 7}
MESSAGES_REPLY = {
    "id": "m",
    "type": "message",
    "role": "assistant",
    "model": "claude-upstream",
    "content": [{"type": "text", "text": "hello there"}],
    "usage": MESSAGES_USAGE,
}


def reply(body: object, status: int = 200, *headers: bytes) -> bytes:
    """A JSON response."""
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    lines = [b"HTTP/1.1 %d X" % status, b"content-type: application/json", b"content-length: %d" % len(content)]
    return b"\r\n".join([*lines, *headers]) + b"\r\n\r\n" + content


STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def chat_event(text: str | None = None, usage: object = None) -> bytes:
    """A chunk with text, or the closing one with usage and no choices."""
    choices = [] if text is None else [{"index": 0, "delta": {"content": text}}]
    payload = {"id": "c", "object": "chat.completion.chunk", "model": "gpt-upstream", "choices": choices}
    return b"data: " + msgspec.json.encode({**payload, "usage": usage} if usage is not None else payload) + b"\n\n"


DONE = b"data: [DONE]\n\n"
PIECES = ["abcd" * 100, "efgh" * 100, "ijkl" * 100]
"""Three times 100 tokens, by the rule of estimates."""

CHAT_TEXT = [chat_event(piece) for piece in PIECES]
CHAT_STREAM = [*CHAT_TEXT, chat_event(None, CHAT_USAGE), DONE]


def event(kind: str, **fields: object) -> bytes:
    """An event of Anthropic's."""
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), msgspec.json.encode({"type": kind, **fields}))


def text_delta(text: str) -> bytes:
    return event("content_block_delta", index=0, delta={"type": "text_delta", "text": text})


MESSAGES_START = event(
    "message_start", message={"model": "claude-upstream", "usage": {"input_tokens": 10, "output_tokens": 1}}
)
MESSAGES_TEXT = [text_delta(piece) for piece in PIECES]
MESSAGES_END = [event("message_delta", delta={}, usage={"output_tokens": 7}), event("message_stop")]
MESSAGES_STREAM = [MESSAGES_START, *MESSAGES_TEXT, *MESSAGES_END]


def streaming(
    events: list[bytes], *, ending: bytes = END, hang: bool = False, seen: list[bytes] | None = None
) -> Script:
    """Sends the events one by one, then ``ending``; then closes, or hangs until the gate closes."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        if seen is not None:
            seen.append(request)
        writer.write(STREAM_HEAD)
        for data in events:
            writer.write(chunk(data))
            await writer.drain()
            await asyncio.sleep(0)
        writer.write(ending)
        await writer.drain()
        if hang:
            await reader.read()

    return script


def replying(answer: bytes, seen: list[bytes] | None = None, *, hang: bool = False) -> Script:
    """Answers every request with ``answer``; with ``hang`` it then waits until the gate closes."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await read_request(reader)
            if seen is not None:
                seen.append(request)
            writer.write(answer)
            await writer.drain()
            if hang:
                await reader.read()
                return
            if not answer:
                return

    return script


CLAUDE_CODE = (
    (b"user-agent", b"claude-cli/2.1.330 (external, cli)"),
    (b"x-app", b"cli"),
    (b"x-claude-code-session-id", b"5f2a"),
)
"""Headers by which a coding tool is recognised."""
