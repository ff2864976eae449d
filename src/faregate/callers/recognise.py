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
_MARKS = tuple((mark, client) for client in CLIENTS for mark in client.system)
_IDENTIFYING = tuple((name, beginning, client) for client in CLIENTS for name, beginning in client.headers)
_IDENTIFYING_NAMES = frozenset(name for name, _, _ in _IDENTIFYING)

_SUBAGENT_HEADERS = frozenset(
    (
        b"x-claude-code-agent-id",
        b"x-parent-session-id",
        b"x-openai-subagent",
        b"x-codex-parent-thread-id",
    )
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
        spoken = _of_system(conversation.system_head[:SYSTEM_START])
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
    if _IDENTIFYING_NAMES.isdisjoint(headers):
        return None
    for name, beginning, client in _IDENTIFYING:
        if _has(headers, name, beginning):
            return client
    return None


@lru_cache(maxsize=512)
def _of_system(system_start: str) -> Client | None:
    """The client whose mark comes first: prompts may speak of other tools later."""
    start = system_start.lower()
    found = [(start.index(mark), client) for mark, client in _MARKS if mark in start]
    return min(found, key=itemgetter(0))[1] if found else None


def _evidence(client: Client, headers: Headers, conversation: Conversation) -> tuple[str, ...]:
    """Signals of this client besides its system prompt."""
    user_agent = headers.get(b"user-agent", b"")
    found: list[str] = []
    if _of_agent(user_agent)[0] is client:
        found.append("agent")
    elif _is_carrier(client, user_agent.lower().decode("latin-1")):
        found.append("carrier")
    found += ["header" for name, beginning in client.headers if _has(headers, name, beginning)]
    is_doubtful = len(found) < _ENOUGH and client.name == "claude-code"
    if is_doubtful and is_claude_user_id(conversation.user_id):
        found.append("identity")
    return tuple(found)


def _is_carrier(client: Client, agent: str) -> bool:
    return any(agent.startswith(carrier) if carrier else not agent for carrier in client.carriers)


def _has(headers: Headers, name: bytes, beginning: bytes) -> bool:
    value = headers.get(name)
    return value is not None and (not beginning or value.lower().startswith(beginning))


def _is_subagent(client: str, headers: Headers, conversation: Conversation) -> bool:
    if not _SUBAGENT_HEADERS.isdisjoint(headers):
        return True
    return client == "claude-code" and _is_subagent_system(conversation.system_head[:SYSTEM_START])


@lru_cache(maxsize=512)
def _is_subagent_system(system_start: str) -> bool:
    start = system_start.lower()
    return any(mark in start for mark in _SUBAGENT_MARKS)


def known_clients() -> tuple[str, ...]:
    """Names of all clients that plans may list, in the table's order."""
    return tuple(client.name for client in CLIENTS)
