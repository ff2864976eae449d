"""Does a request open a user turn? A person's prompt counts once; tool rounds, titles, warm-ups,
compactions, sub-agents and repeats do not.

Owns the rule: explicit signals of the client first, then who speaks last and what is said. Does not
remember prompts: equal ``prompt_key`` means the same prompt, and whoever counts must look that up.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

from faregate.callers.caller import Caller
from faregate.callers.facts import Conversation, Headers, Message
from faregate.callers.side_texts import Saying, is_side_system, saying, without_reminders
from faregate.callers.turn_signals import Kind, Signals, signals_of

_SILENT_ROLES = ("system", "developer")
_MACHINE_ROLES = ("assistant", "model")
_MAX_STEPS_BACK = 64
_SIDE_SCHEMA = ("title",)


class Verdict(NamedTuple):
    """``kind`` of request; ``opens_prompt`` exactly when it is a person's prompt.

    ``prompt_key``: equal for all requests known to belong to one prompt; never '' when
    ``opens_prompt``. ``reason``: the rule that decided, for explanations. ``session``: '' when
    unknown.
    """

    kind: Kind
    opens_prompt: bool
    prompt_key: str
    reason: str
    session: str


class _Last(NamedTuple):
    """Who spoke last, at ``position``: what kind that makes it, and the words, if any."""

    kind: Kind
    reason: str
    position: int = -1
    words: str = ""


def classify(headers: Headers, caller: Caller, conversation: Conversation) -> Verdict:
    """The verdict on one generation request (count_tokens and lists are none: do not ask)."""
    signals = signals_of(headers)
    if signals.kind is not None:
        return _verdict(signals, _Last(signals.kind, signals.reason), caller, conversation)
    if caller.is_subagent:
        return _verdict(signals, _Last(Kind.SUBAGENT, "subagent"), caller, conversation)
    return _verdict(signals, _last(conversation), caller, conversation)


def opens_prompt_simply(conversation: Conversation) -> bool:
    """The simple rule: the last message is from the user and holds no tool result."""
    if not conversation.message_count:
        return False
    last = conversation.message(conversation.message_count - 1)
    return last.role == "user" and not _has_tool_output(last)


def _verdict(signals: Signals, last: _Last, caller: Caller, conversation: Conversation) -> Verdict:
    opens = last.kind is Kind.PROMPT
    key = signals.prompt_id
    if opens and not key:
        key = _prompt_key(caller, conversation, last)
    return Verdict(last.kind, opens, key, last.reason, caller.session)


def _last(conversation: Conversation) -> _Last:
    """Reads from the end to the first message that says something."""
    has_tools = conversation.has_tools
    count = conversation.message_count
    for index in range(count - 1, max(count - 1 - _MAX_STEPS_BACK, -1), -1):
        message = conversation.message(index)
        if message.role in _SILENT_ROLES:
            continue
        if message.role in _MACHINE_ROLES:
            return _Last(Kind.SIDE, "assistant_last")
        found = _said(message, index, has_tools, conversation)
        if found is not None:
            return _judged(found, conversation)
    return _Last(Kind.SIDE, "nobody_spoke")


def _said(message: Message, index: int, has_tools: bool, conversation: Conversation) -> _Last | None:
    """What a user's or tool's message is; None when it holds reminders alone."""
    words: list[str] = []
    sayings: set[Saying] = set()
    for block in message.blocks:
        if block.kind != "text":
            continue
        text = without_reminders(block.text)
        said = saying(text, has_tools=has_tools)
        sayings.add(said)
        if said is Saying.WORDS:
            words.append(text)
    if Saying.COMPACTION in sayings:
        return _Last(Kind.COMPACTION, "compaction_text")
    if words and Saying.TOOL_OUTPUT not in sayings:
        return _Last(Kind.PROMPT, "user_text", index, "\n".join(words))
    if _has_tool_output(message) or Saying.TOOL_OUTPUT in sayings:
        return _Last(Kind.TOOL, "tool_output_last")
    if Saying.SIDE in sayings:
        return _Last(Kind.SIDE, "side_text")
    if any(block.kind == "media" for block in message.blocks):
        # Dialects whose tools return text alone carry a tool's picture in a user message after it.
        after_tool = index > 0 and _has_tool_output(conversation.message(index - 1))
        kind = Kind.TOOL if after_tool else Kind.PROMPT
        return _Last(kind, "media", index)
    return None


def _judged(last: _Last, conversation: Conversation) -> _Last:
    """A prompt unless the request as a whole is one that clients make by themselves."""
    if last.kind is not Kind.PROMPT or conversation.has_tools:
        return last
    if conversation.schema_fields == _SIDE_SCHEMA:
        return _Last(Kind.SIDE, "title_schema")
    if is_side_system(conversation.system_head):
        return _Last(Kind.SIDE, "side_system")
    return last


def _has_tool_output(message: Message) -> bool:
    return any(block.kind == "tool_output" for block in message.blocks)


def _prompt_key(caller: Caller, conversation: Conversation, last: _Last) -> str:
    """Session, position and words. Without a session, the conversation's first words stand in for
    it."""
    place = caller.session or _opening(conversation)
    digest = blake2b(digest_size=16)
    for part in (place, str(last.position), last.words):
        digest.update(part.encode("utf-8", "replace"))
        digest.update(b"\0")
    return digest.hexdigest()


def _opening(conversation: Conversation) -> str:
    for index in range(min(conversation.message_count, _MAX_STEPS_BACK)):
        message = conversation.message(index)
        if message.role not in _SILENT_ROLES:
            return "\n".join(without_reminders(block.text) for block in message.blocks)
    return ""


__all__ = ["Kind", "Verdict", "classify", "opens_prompt_simply"]
