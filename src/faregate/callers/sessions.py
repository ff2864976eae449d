"""Which session a request belongs to: the id by which its client keeps a conversation together."""

from __future__ import annotations

import re

import msgspec

from faregate.callers.facts import Headers

SESSION_HEADERS = (
    b"x-claude-code-session-id",
    b"session-id",
    b"session_id",
    b"conversation_id",
    b"x-session-id",
    b"x-session-affinity",
    b"x-affinity",
    b"x-openwebui-chat-id",
)
_TITLE_PREFIX = "title-"
_OLD_USER_ID = re.compile(r"user_[0-9a-f]*_account_.*?_session_(?P<session>[0-9a-f-]{36})")
MAX_SESSION_CHARACTERS = 200


class _ClaudeUser(msgspec.Struct):
    session_id: str = ""


_CLAUDE_USER: msgspec.json.Decoder[_ClaudeUser] = msgspec.json.Decoder(_ClaudeUser)


def session_in_headers(headers: Headers) -> str:
    """The session's id as a header names it, '' when none does."""
    for name in SESSION_HEADERS:
        if value := headers.get(name):
            return _clean(value.decode("latin-1").removeprefix(_TITLE_PREFIX))
    return ""


def session_in_body(user_id: str, cache_key: str) -> str:
    """The session's id as the body names it, '' when it does not."""
    session = (user_id and session_in_user_id(user_id)) or cache_key
    return session and _clean(session)


def is_claude_user_id(user_id: str) -> bool:
    """Whether an id has one of the two forms in which Claude Code writes its user, session
    inside."""
    return user_id != "" and session_in_user_id(user_id) != ""


def session_in_user_id(user_id: str) -> str:
    """The session inside Claude Code's user id, '' when the id has neither of its forms."""
    if user_id.startswith("{"):
        try:
            return _CLAUDE_USER.decode(user_id).session_id
        except (msgspec.DecodeError, RecursionError):
            return ""
    found = _OLD_USER_ID.fullmatch(user_id)
    return found["session"] if found else ""


def _clean(session: str) -> str:
    return session.strip()[:MAX_SESSION_CHARACTERS]
