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
from faregate.callers.sessions import SESSION_HEADERS, is_claude_user_id, session_in_body, session_in_headers

_ENOUGH = 2
_AGENT_BYTES = 512
"""Longer User-Agents say nothing more; what is remembered of callers must stay small."""
_ON_A_BROWSER = ("cherrystudio/", "obsidian/")
_BY_NAME = {client.name: client for client in CLIENTS}
_MARKS = tuple((mark, client) for client in CLIENTS for mark in client.system)
_IDENTIFYING = tuple((name, beginning, client) for client in CLIENTS for name, beginning in client.headers)

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


_TELLING = frozenset((*(name for name, _, _ in _IDENTIFYING), *SESSION_HEADERS, *_SUBAGENT_HEADERS))
"""Headers that most requests of plain SDKs have none of."""


def recognise(headers: Headers, conversation: Conversation) -> Caller:
    """The caller. Reads the system prompt only where headers leave doubt."""
    agent = headers.get(b"user-agent", b"")[:_AGENT_BYTES]
    marks: tuple[str, ...] = ()
    session, is_subagent = "", False
    if not _TELLING.isdisjoint(headers):
        marks = _marks(headers)
        session = session_in_headers(headers)
        is_subagent = not _SUBAGENT_HEADERS.isdisjoint(headers)
    caller = _weighed(agent, marks)
    is_doubtful = len(caller.evidence) < _ENOUGH
    user_id = conversation.user_id if is_doubtful or not session else ""
    if is_doubtful:
        caller = _weighed(agent, marks, conversation.system_head[:SYSTEM_START], is_claude_user_id(user_id))
    if not session:
        session = session_in_body(user_id, conversation.cache_key)
    if not is_subagent and caller.client == "claude-code":
        is_subagent = _is_subagent_system(conversation.system_head[:SYSTEM_START])
    if not session and not is_subagent:
        return caller
    client, version, is_coding_tool, evidence, _, _ = caller
    return Caller(client, version, is_coding_tool, evidence, session, is_subagent)


@lru_cache(maxsize=1024)
def _weighed(agent: bytes, marks: tuple[str, ...], system_start: str = "", has_claude_id: bool = False) -> Caller:
    """The caller by all that may tell one client from another, as far as it has been read.

    ``marks`` are names of clients, one for each of their headers; what a request alone has (its session, its part in
    a turn) is left out.
    """
    client, version, sdk = _of_agent(agent)
    if client is None and marks:
        client = _BY_NAME[marks[0]]
    evidence = _evidence(client, agent, marks, has_claude_id) if client is not None else ()
    if len(evidence) < _ENOUGH and (spoken := _of_system(system_start)) is not None:
        client = spoken
        evidence = ("system", *_evidence(spoken, agent, marks, has_claude_id))
    if client is None:
        return Caller(sdk or OTHER, version, evidence=("agent",) if sdk else ())
    return Caller(client.name, version, client.is_coding_tool and len(evidence) >= _ENOUGH, evidence)


@lru_cache(maxsize=256)
def _of_agent(user_agent: bytes) -> tuple[Client | None, str, str]:
    """(client by its own User-Agent, version, SDK's name): what a User-Agent claims."""
    agent = user_agent.decode("latin-1").lower()
    # Clients built on a browser name themselves inside its long User-Agent.
    if agent.startswith("mozilla/"):
        inside = max(agent.find(name) for name in _ON_A_BROWSER)
        agent = agent[inside:] if inside > 0 else agent
    for client in CLIENTS:
        if agent.startswith(client.agents):
            return client, _version(agent), ""
    sdk = next((name for beginning, name in SDKS if agent.startswith(beginning)), "")
    return None, _version(agent) if sdk else "", sdk


def _version(agent: str) -> str:
    found = re.search(r"[/ ]v?(\d[\w.+-]*)", agent)
    return found[1] if found else ""


def _marks(headers: Headers) -> tuple[str, ...]:
    return tuple(
        client.name
        for name, beginning, client in _IDENTIFYING
        if name in headers and headers[name].lower().startswith(beginning)
    )


def _of_system(system_start: str) -> Client | None:
    """The client whose mark comes first: prompts may speak of other tools later."""
    start = system_start.lower()
    found = [(start.index(mark), client) for mark, client in _MARKS if mark in start]
    return min(found, key=itemgetter(0))[1] if found else None


def _evidence(client: Client, agent: bytes, marks: tuple[str, ...], has_claude_id: bool) -> tuple[str, ...]:
    """Signals of this client besides its system prompt."""
    found: list[str] = []
    if _of_agent(agent)[0] is client:
        found.append("agent")
    elif _is_carrier(client, agent.lower().decode("latin-1")):
        found.append("carrier")
    found += ["header"] * marks.count(client.name)
    if len(found) < _ENOUGH and client.name == "claude-code" and has_claude_id:
        found.append("identity")
    return tuple(found)


def _is_carrier(client: Client, agent: str) -> bool:
    return any(agent.startswith(carrier) if carrier else not agent for carrier in client.carriers)


@lru_cache(maxsize=256)
def _is_subagent_system(system_start: str) -> bool:
    start = system_start.lower()
    return any(mark in start for mark in _SUBAGENT_MARKS)


def title_of(name: str) -> str:
    """What people call the client of that name; the name itself where there is none."""
    client = _BY_NAME.get(name)
    return name if client is None else client.title or name.replace("-", " ").title()


def known_clients() -> tuple[str, ...]:
    """Names of all clients that plans may list, in the table's order."""
    return tuple(client.name for client in CLIENTS)
