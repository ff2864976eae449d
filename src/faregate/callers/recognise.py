"""Which client calls, by more than one signal.

Owns the weighing. A User-Agent alone proves nothing: Qwen Code poses as Claude Code, Cline and
goose say nothing. The start of the system prompt outranks it. A script can forge all of it; what
that buys is bounded elsewhere.
"""

from __future__ import annotations

import re
from functools import lru_cache
from operator import itemgetter

from faregate.callers.caller import OTHER, Caller
from faregate.callers.clients import CLIENTS, SDKS, SYSTEM_START, Client
from faregate.callers.facts import Conversation, Headers
from faregate.callers.sessions import is_claude_user_id, session_of

_ENOUGH = 2
_BY_NAME = {client.name: client for client in CLIENTS}
_MARKS = tuple((mark, client) for client in CLIENTS for mark in client.system)
_IDENTIFYING = tuple((name, beginning, client) for client in CLIENTS for name, beginning in client.headers)

_SUBAGENT_HEADERS = (
    b"x-claude-code-agent-id",
    b"x-parent-session-id",
    b"x-openai-subagent",
    b"x-codex-parent-thread-id",
)
_SUBAGENT_MARKS = (
    "cc_is_subagent=true",
    "you are an agent for claude code",
    "you are a file search specialist",
)


def recognise(headers: Headers, conversation: Conversation) -> Caller:
    """The caller. Reads the system prompt only where headers leave doubt."""
    client, version, sdk = _of_agent(headers.get(b"user-agent", b""))
    if client is None:
        client = _of_headers(headers)
    evidence = _evidence(client, headers, conversation) if client is not None else ()
    if len(evidence) < _ENOUGH:
        spoken = _of_system(conversation)
        if spoken is not None:
            evidence = ("system", *_evidence(spoken, headers, conversation))
            client = spoken
    name = sdk or OTHER if client is None else client.name
    return Caller(
        client=name,
        version=version,
        is_coding_tool=client is not None and client.is_coding_tool and len(evidence) >= _ENOUGH,
        evidence=evidence if client is not None else (("agent",) if sdk else ()),
        session=session_of(headers, conversation),
        is_subagent=_is_subagent(name, headers, conversation),
    )


@lru_cache(maxsize=1024)
def _of_agent(user_agent: bytes) -> tuple[Client | None, str, str]:
    """(client by its own User-Agent, version, SDK's name): what a User-Agent claims."""
    agent = user_agent.decode("latin-1").lower()
    # Chat clients built on a browser name themselves inside its long User-Agent.
    if agent.startswith("mozilla/") and (inside := agent.find("cherrystudio/")) > 0:
        agent = agent[inside:]
    for client in CLIENTS:
        if agent.startswith(client.agents):
            return client, _version(agent), ""
    sdk = next((name for beginning, name in SDKS if agent.startswith(beginning)), "")
    return None, _version(agent) if sdk else "", sdk


def _version(agent: str) -> str:
    found = re.search(r"[/ ]v?(\d[\w.+-]*)", agent)
    return found[1] if found else ""


def _of_headers(headers: Headers) -> Client | None:
    for name, beginning, client in _IDENTIFYING:
        if _has(headers, name, beginning):
            return client
    return None


def _of_system(conversation: Conversation) -> Client | None:
    """The client whose mark comes first: prompts may speak of other tools later."""
    head = conversation.system_head[:SYSTEM_START].lower()
    if not head:
        return None
    found = [(head.index(mark), client) for mark, client in _MARKS if mark in head]
    return min(found, key=itemgetter(0))[1] if found else None


def _evidence(client: Client, headers: Headers, conversation: Conversation) -> tuple[str, ...]:
    """Signals of this client besides its system prompt."""
    agent = headers.get(b"user-agent", b"").lower().decode("latin-1")
    found: list[str] = []
    if _of_agent(headers.get(b"user-agent", b""))[0] is client:
        found.append("agent")
    elif any(agent.startswith(carrier) if carrier else not agent for carrier in client.carriers):
        found.append("carrier")
    found += ["header" for name, beginning in client.headers if _has(headers, name, beginning)]
    is_doubtful = len(found) < _ENOUGH and client.name == "claude-code"
    if is_doubtful and is_claude_user_id(conversation.user_id):
        found.append("identity")
    return tuple(found)


def _has(headers: Headers, name: bytes, beginning: bytes) -> bool:
    value = headers.get(name)
    return value is not None and (not beginning or value.lower().startswith(beginning))


def _is_subagent(client: str, headers: Headers, conversation: Conversation) -> bool:
    if any(name in headers for name in _SUBAGENT_HEADERS):
        return True
    if client != "claude-code":
        return False
    head = conversation.system_head[:SYSTEM_START].lower()
    return any(mark in head for mark in _SUBAGENT_MARKS)


def known_clients() -> tuple[str, ...]:
    """Names of all clients that plans may list, in the table's order."""
    return tuple(_BY_NAME)
