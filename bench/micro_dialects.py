"""Microseconds per operation of the dialects and callers, on bodies as clients send them.

Run: python -m bench.micro_dialects. Figures are the best of several rounds in one process.
"""

from __future__ import annotations

import json
import timeit
from collections.abc import Callable
from functools import partial

from faregate.callers.caller import Caller
from faregate.callers.prompts import Verdict, classify
from faregate.callers.recognise import recognise
from faregate.dialects import Dialect, anthropic_messages, estimate, openai_chat
from faregate.dialects.body import Request
from faregate.dialects.quota import Quota, QuotaWindow

ROUNDS = 7
NOW = 1_772_359_200_000_000

CLAUDE_HEADERS = {
    b"user-agent": b"claude-cli/2.1.330 (external, cli)",
    b"x-claude-code-session-id": b"0d3a0c2e-93a4-4f0e-9a3a-0f1c2d3e4f50",
    b"x-app": b"cli",
}
SDK_HEADERS = {b"user-agent": b"OpenAI/Python 3.54.0"}


def chat_body(size: int, *, stream: bool = False) -> bytes:
    """A chat request of about ``size`` bytes in messages of source code."""
    text = 'def area(width: int) -> int:\n    """Square."""\n    return width * width  # é\n'
    count = max(size // 4_000, 1)
    piece = (text * (size // count // len(text) + 1))[: size // count]
    messages = [{"role": "system", "content": "You are a helpful assistant."}]
    messages += [{"role": "user" if i % 2 == 0 else "assistant", "content": piece} for i in range(count)]
    messages.append({"role": "user", "content": "Now write the tests."})
    body = {"model": "mock-fast", "messages": messages, "temperature": 0, "max_tokens": 256}
    return json.dumps(body | ({"stream": True} if stream else {})).encode()


def claude_body(size: int) -> bytes:
    """A Messages request of about ``size`` bytes as Claude Code shapes it."""
    chat = json.loads(chat_body(size))
    blocks = [
        {"role": message["role"], "content": [{"type": "text", "text": message["content"]}]}
        for message in chat["messages"][1:]
    ]
    system = "x-anthropic-billing-header: cc_version=2.1.330; cc_entrypoint=cli;"
    return json.dumps(
        {
            "model": "claude-opus-5-5",
            "messages": blocks,
            "system": [{"type": "text", "text": system}, {"type": "text", "text": "word " * 3_000}],
            "tools": [{"name": "Bash", "description": "run " * 500, "input_schema": {}}],
            "metadata": {"user_id": '{"session_id":"0d3a0c2e-93a4-4f0e-9a3a-0f1c2d3e4f50"}'},
            "max_tokens": 32_000,
            "stream": True,
        }
    ).encode()


def chat_stream() -> list[bytes]:
    """50 content events, a usage chunk and the end, one chunk each."""
    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    texts = [f" word{number}" for number in range(50)]
    chunks = [base | {"choices": [{"index": 0, "delta": {"content": text}}]} for text in texts]
    chunks.append(base | {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 50}})
    return [b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks] + [b"data: [DONE]\n\n"]


def show(name: str, operation: Callable[..., object], *arguments: object) -> None:
    """Prints one line: microseconds of one call."""
    timer = timeit.Timer(partial(operation, *arguments))
    number = max(timer.autorange()[0] // 4, 1)
    best = min(timer.repeat(repeat=ROUNDS, number=number)) / number
    print(f"{best * 1e6:10.2f} µs  {name}")


def recognised(dialect: Dialect, headers: dict[bytes, bytes], request: Request) -> Caller:
    return recognise(headers, dialect.conversation(request))


def classified(request: Request, caller: Caller) -> Verdict:
    return classify(CLAUDE_HEADERS, caller, anthropic_messages.conversation(request))


def show_requests() -> None:
    for label, size in (("small", 300), ("200 KB", 200_000)):
        body = chat_body(size)
        request, streaming = openai_chat.read(body), openai_chat.read(chat_body(size, stream=True))
        show(f"chat read, {label}", openai_chat.read, body)
        show(f"chat body unchanged, {label}", openai_chat.upstream_body, request, "mock-fast")
        show(f"chat model replaced, {label}", openai_chat.upstream_body, request, "other")
        show(f"chat model + usage asked, {label}", openai_chat.upstream_body, streaming, "other")
        show(f"estimate of a hold, {label}", estimate.hold_usage, request, 500)
        show(f"recognise an SDK, {label}", recognised, openai_chat, SDK_HEADERS, request)
    for label, size in (("20 KB", 300), ("220 KB", 200_000)):
        body = claude_body(size)
        request = anthropic_messages.read(body)
        caller = recognised(anthropic_messages, CLAUDE_HEADERS, request)
        show(f"messages read, {label}", anthropic_messages.read, body)
        show(
            f"recognise Claude Code, {label}",
            partial(recognised, anthropic_messages, CLAUDE_HEADERS, request),
        )
        show(f"classify the prompt, {label}", classified, request, caller)


def show_replies() -> None:
    usage = {"prompt_tokens": 90, "completion_tokens": 30, "prompt_tokens_details": {"cached_tokens": 60}}
    choices = [{"index": 0, "message": {"role": "assistant", "content": "word " * 60}}]
    reply = json.dumps({"id": "1", "model": "m", "choices": choices, "usage": usage}).encode()
    show("usage of a chat reply", lambda: openai_chat.usage_of_reply(reply))
    request = openai_chat.read(chat_body(300, stream=True))
    chunks = chat_stream()

    def relay() -> None:
        scanner = openai_chat.scanner(request)
        for chunk in chunks:
            scanner.feed(chunk)
        scanner.close()

    show("a chat stream of 50 events", relay)
    whole = b"".join(chunks)
    cut = [whole[start : start + 300] for start in range(0, len(whole), 300)]

    def relay_cut() -> None:
        scanner = openai_chat.scanner(request)
        for chunk in cut:
            scanner.feed(chunk)
        scanner.close()

    show(f"the same, cut off the events ({len(cut)} chunks)", relay_cut)


def show_headers() -> None:
    quota = Quota(
        tuple(
            QuotaWindow(f"w{number}", meter, 80_000, 3_000, 77_000, NOW + number * 10**9)
            for number, meter in enumerate(("requests", "tokens", "prompts"), 1)
        )
    )
    show("quota headers, chat", lambda: openai_chat.quota_headers(quota, NOW))
    show("quota headers, messages", lambda: anthropic_messages.quota_headers(quota, NOW))


def show_yardstick() -> None:
    """The machine of the moment: figures above compare by this one."""
    small = chat_body(300)
    show("yardstick: json.loads of the small chat body", lambda: json.loads(small))


if __name__ == "__main__":
    show_yardstick()
    show_requests()
    show_replies()
    show_headers()
