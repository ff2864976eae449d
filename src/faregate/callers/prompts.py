"""Does a request open a user turn? A person's prompt counts once; tool rounds, titles, warm-ups,
compactions, sub-agents and repeats do not.

Owns the rule: explicit signals of the client first, then who speaks last and what is said. Does not
remember prompts: equal ``prompt_key`` means the same prompt, and whoever counts must look that up.
"""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from faregate.callers.caller import Caller
from faregate.callers.facts import Conversation, Headers, Message
from faregate.callers.side_texts import Saying, is_side_system, saying, saying_of, without_reminders
from faregate.callers.turn_signals import Kind, signals_of

_SILENT_ROLES = ("system", "developer")
_MACHINE_ROLES = ("assistant", "model")
_MAX_STEPS_BACK = 64
_SIDE_SCHEMAS = frozenset(
    (
        ("title",),
        # Gemini CLI's router and its question who speaks next.
        ("model_choice", "reasoning"),
        ("complexity_reasoning", "complexity_score"),
        ("next_speaker", "reasoning"),
    )
)


# Looked up once: the members of an enumeration are slow to look up before Python 3.12.
_PROMPT = Kind.PROMPT
_WORDS, _COMPACTION, _TOOL_TEXT = Saying.WORDS, Saying.COMPACTION, Saying.TOOL_OUTPUT
_USER_TEXT = (_PROMPT, "user_text")
_MEDIA = (_PROMPT, "media")

_TELLING_ANSWER = 40
_GIST = 1_024
"""Of longer texts a key takes in so many first and last characters, and the length."""


class Asking(msgspec.Struct, frozen=True, gc=False):
    """Where a prompt stands: ``message`` is the one ``back`` steps before the last."""

    conversation: Conversation
    message: Message
    back: int


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """``kind`` of request; ``opens_prompt`` exactly when it is a person's prompt.

    ``reason``: the rule that decided, for explanations. ``session``: '' when unknown. ``prompt_id``: the client's own
    id of the prompt, '' if none; ``asking``: where the prompt stands, when this request opens one.
    """

    kind: Kind
    opens_prompt: bool
    reason: str
    session: str
    prompt_id: str = ""
    asking: Asking | None = None

    @property
    def prompt_key(self) -> str:
        """Equal for all requests known to belong to one prompt; never '' when ``opens_prompt``. Read from the body
        when it is asked for: most plans never ask."""
        return self.prompt_id or ("" if self.asking is None else _prompt_key(self.session, self.asking))


_Last = tuple[Kind, str, Asking | None]
"""Who spoke last: what kind that makes the request, by which rule, and where its prompt stands."""

_SUBAGENT: _Last = (Kind.SUBAGENT, "subagent", None)
_ASSISTANT_LAST: _Last = (Kind.SIDE, "assistant_last", None)
_NOBODY_SPOKE: _Last = (Kind.SIDE, "nobody_spoke", None)


def classify(headers: Headers, caller: Caller, conversation: Conversation) -> Verdict:
    """The verdict on one generation request (count_tokens and lists are none: do not ask)."""
    signals = signals_of(headers)
    if signals.kind is not None:
        return Verdict(signals.kind, signals.kind is _PROMPT, signals.reason, caller.session, signals.prompt_id)
    kind, reason, asking = _SUBAGENT if caller.is_subagent else _last(conversation)
    return Verdict(kind, kind is _PROMPT, reason, caller.session, signals.prompt_id, asking)


def opens_prompt_simply(conversation: Conversation) -> bool:
    """The simple rule: the last message is from the user and holds no tool result."""
    last = conversation.from_end(0)
    return last is not None and last.role == "user" and not _has_tool_output(last)


def _last(conversation: Conversation) -> _Last:
    """Reads from the end to the first message that says something."""
    has_tools = conversation.has_tools
    for back in range(_MAX_STEPS_BACK):
        message = conversation.from_end(back)
        if message is None:
            break
        if message.role in _SILENT_ROLES:
            continue
        if message.role in _MACHINE_ROLES:
            return _ASSISTANT_LAST
        said = _said(message, has_tools)
        if said is not None:
            kind, reason = said
            if reason == "media" and _follows_tool(conversation, back):
                kind = Kind.TOOL
            if kind is not _PROMPT:
                return kind, reason, None
            if not has_tools and (aside := _aside(conversation)) is not None:
                return aside
            return kind, reason, Asking(conversation, message, back)
    return _NOBODY_SPOKE


def _said(message: Message, has_tools: bool) -> tuple[Kind, str] | None:
    """What a user's or tool's message is, and why; None when it holds reminders alone."""
    sayings = [saying_of(block.text, has_tools=has_tools) for block in message.blocks if block.kind == "text"]
    if _COMPACTION in sayings:
        return Kind.COMPACTION, "compaction_text"
    if _WORDS in sayings and _TOOL_TEXT not in sayings:
        return _USER_TEXT
    if _TOOL_TEXT in sayings or _has_tool_output(message):
        return Kind.TOOL, "tool_output_last"
    if Saying.SIDE in sayings:
        return Kind.SIDE, "side_text"
    if any(block.kind == "media" for block in message.blocks):
        return _MEDIA
    return None


def _follows_tool(conversation: Conversation, back: int) -> bool:
    """Dialects whose tools return text alone carry a tool's picture in a user message after it."""
    before = conversation.from_end(back + 1)
    return before is not None and _has_tool_output(before)


def _aside(conversation: Conversation) -> _Last | None:
    """What makes a whole request without tools one that clients make by themselves; None if nothing does."""
    if conversation.schema_fields in _SIDE_SCHEMAS:
        return Kind.SIDE, "side_schema", None
    if is_side_system(conversation.system_head):
        return Kind.SIDE, "side_system", None
    return None


def _has_tool_output(message: Message) -> bool:
    return any(block.kind == "tool_output" for block in message.blocks)


def _prompt_key(session: str, asking: Asking) -> str:
    """Session, position and words. Without a session, the conversation's first words stand in for
    it."""
    conversation = asking.conversation
    place = session or _opening(conversation)
    position = _position(asking)
    digest = blake2b(digest_size=16)
    for part in (place, position, _words(asking.message, conversation.has_tools)):
        digest.update(_gist(part).encode("utf-8", "replace"))
        digest.update(b"\0")
    return digest.hexdigest()


def _position(asking: Asking) -> str:
    """What was answered last before the prompt, which is cheap to read; where that says little, how many messages."""
    conversation = asking.conversation
    before = conversation.from_end(asking.back + 1)
    if before is None:
        return "0"
    said = "\n".join(block.text for block in before.blocks)
    return said if len(said) >= _TELLING_ANSWER else str(conversation.message_count - 1 - asking.back)


def _words(message: Message, has_tools: bool) -> str:
    texts = (without_reminders(block.text) for block in message.blocks if block.kind == "text")
    return "\n".join(text for text in texts if saying(text, has_tools=has_tools) is _WORDS)


def _gist(text: str) -> str:
    return text if len(text) <= 2 * _GIST else f"{text[:_GIST]}\0{len(text)}\0{text[-_GIST:]}"


def _opening(conversation: Conversation) -> str:
    for index in range(min(conversation.message_count, _MAX_STEPS_BACK)):
        message = conversation.message(index)
        if message.role not in _SILENT_ROLES:
            return "\n".join(without_reminders(block.text) for block in message.blocks)
    return ""


__all__ = ["Kind", "Verdict", "classify", "opens_prompt_simply"]
