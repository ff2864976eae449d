"""Texts that clients put in the user's mouth: reminders beside a prompt, and whole side requests.

Owns the known texts. Everything is linear in the text's length, whoever wrote it.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

_WARMUP = "Warmup"
_COMMAND = "Command: "
_WRAPPED = re.compile(
    r"<(?P<tag>system-reminder|environment_[a-z_]{1,40}|user_instructions"
    r"|local-command-(?:stdout|stderr|caveat))>"
)
_INTERRUPTED = "[Request interrupted"
_TOOL_RESULT_TEXT = re.compile(r"\[[a-z_]{2,40}(?: for [^\n]{0,400})?\] Result:")

_COMPACTIONS = (
    "CRITICAL: Respond with TEXT ONLY",
    "Your task is to create a detailed summary of the conversation",
    "You are performing a CONTEXT CHECKPOINT COMPACTION",
)
_SIDES = (
    "[SYSTEM NOTIFICATION - NOT USER INPUT]",
    "[SUGGESTION MODE:",
    "System: Please continue.",
    "Perform a web search for the query:",
    "Another language model started to solve this problem and produced a summary",
    "The connection dropped mid-response. Resume directly",
    "Output token limit hit. Resume directly",
    "Managed memory has TWO directories.",
)
_SIDES_WITHOUT_TOOLS = (
    "Files modified by user",
    "Generate a title for this conversation",
    "Please write a 5-10 word title",
)
_KNOWN = ("[", _WARMUP, _COMMAND, *_COMPACTIONS, *_SIDES, *_SIDES_WITHOUT_TOOLS)
"""Beginnings of every text that may be something else than words."""
_TOLD_BY_THEIR_END = (_INTERRUPTED, _WARMUP, _COMMAND)
_TELLING = 512
"""Every known beginning of a text is shorter."""
_WINDOW = 1_024

_SIDE_SYSTEMS = (
    "title generator",
    "generate a concise, sentence-case title",
    "extract any file paths that this command",
    "indicates a new conversation topic",
    "you are a specialized task routing ai",
    "you are the component that summarizes internal chat history",
)


class Saying(StrEnum):
    """What a text is: a person's words, a machine's aside, a call to summarise, a tool's output as
    text."""

    WORDS = "words"
    NOTHING = "nothing"
    SIDE = "side"
    COMPACTION = "compaction"
    TOOL_OUTPUT = "tool_output"


_WORDS = Saying.WORDS
"""Looked up once: the members of an enumeration are slow to look up before Python 3.12."""


def without_reminders(text: str) -> str:
    """The text without what clients wrap in tags of theirs; '' when nothing else was in it."""
    rest = text.strip()
    if rest.startswith(_INTERRUPTED) and rest.endswith("]") and "\n" not in rest:
        return ""
    if "<" not in rest:
        return rest
    kept: list[str] = []
    position = 0
    while opening := _WRAPPED.search(rest, position):
        closing = f"</{opening['tag']}>"
        end = rest.find(closing, opening.end())
        if end < 0:
            break
        kept.append(rest[position : opening.start()])
        position = end + len(closing)
    kept.append(rest[position:])
    return "".join(kept).strip()


def saying(text: str, *, has_tools: bool) -> Saying:
    """What a text without reminders is."""
    if not text:
        return Saying.NOTHING
    if not text.startswith(_KNOWN):
        return _WORDS
    if text.startswith(_COMPACTIONS):
        return Saying.COMPACTION
    if text.startswith(_SIDES) or text == _WARMUP:
        return Saying.SIDE
    if _TOOL_RESULT_TEXT.match(text):
        return Saying.TOOL_OUTPUT
    if not has_tools and (text.startswith(_SIDES_WITHOUT_TOOLS) or _is_command_echo(text)):
        return Saying.SIDE
    return _WORDS


def saying_of(text: str, *, has_tools: bool) -> Saying:
    """What a text is, reminders aside: ``saying(without_reminders(text))``, told from its beginning where that tells
    it."""
    if len(text) <= _WINDOW:
        return saying(without_reminders(text), has_tools=has_tools)
    beginning = text[:_WINDOW].lstrip()[:_TELLING]
    if len(beginning) < _TELLING or "<" in beginning or beginning.startswith(_TOLD_BY_THEIR_END):
        return saying(without_reminders(text), has_tools=has_tools)
    return saying(beginning, has_tools=has_tools)


@lru_cache(maxsize=256)
def is_side_system(system_head: str) -> bool:
    """Whether a system prompt is that of a title, a topic check or the like."""
    head = system_head.lower()
    for mark in _SIDE_SYSTEMS:  # noqa: SIM110 - a loop costs half of a generator
        if mark in head:
            return True
    return False


def _is_command_echo(text: str) -> bool:
    return text.startswith(_COMMAND) and "\nOutput: " in text
