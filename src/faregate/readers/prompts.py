"""Is a user's entry of a log what a person asked, and does the next request open a turn by it?

Owns the texts that tools write in the user's place, and the prompt that waits for its request. A prompt is counted on
the first request after it; one that never led to a request is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from faregate.callers.side_texts import Saying, saying, without_reminders

_COMMANDS = ("<command-name>", "<command-message>")
_COMMAND_OUTPUTS = ("<local-command-stdout>", "<local-command-stderr>")
_MACHINES = (
    "<bash-input>",
    "<bash-stdout>",
    "<bash-stderr>",
    "<task-notification>",
    "<bash-notification>",
    "<teammate-message",
    "<cross-session-message",
    "<fork-boilerplate",
    "<user-prompt-submit-hook>",
    "<permissions instructions>",
    "<turn_aborted>",
    "<subagent_notification>",
    "<session_context>",
    "# AGENTS.md instructions for ",
    "This session is being continued from a previous conversation",
    "This is the Gemini CLI.",
    "This is the Qwen Code.",
)


class Asked(StrEnum):
    """What a user's entry is: a person's words, a command of the tool's that may or may not lead to a request,
    the output of such a command, or nothing that a person said."""

    PROMPT = "prompt"
    COMMAND = "command"
    COMMAND_OUTPUT = "command_output"
    NOTHING = "nothing"


def asked(texts: Iterable[str], *, has_media: bool = False) -> Asked:
    """What the texts of one user's entry are together. A picture alone is a prompt."""
    found = Asked.PROMPT if has_media else Asked.NOTHING
    for text in texts:
        if text.startswith(_COMMAND_OUTPUTS):
            return Asked.COMMAND_OUTPUT
        rest = without_reminders(text)
        if rest.startswith(_COMMANDS):
            found = Asked.COMMAND
        elif not rest.startswith(_MACHINES) and saying(rest, has_tools=True) is Saying.WORDS:
            return Asked.PROMPT
    return found


class Waiting:
    """Whether a prompt waits for the request that it opens."""

    __slots__ = ("_what",)

    def __init__(self) -> None:
        self._what = Asked.NOTHING

    def hear(self, what: Asked) -> None:
        """A user's entry. A command that answered by itself asked nothing of a model."""
        if what is Asked.COMMAND_OUTPUT:
            if self._what is Asked.COMMAND:
                self._what = Asked.NOTHING
        elif what is Asked.PROMPT or (what is Asked.COMMAND and self._what is Asked.NOTHING):
            self._what = what

    def take(self) -> int:
        """1 when the request at hand opens a turn, else 0."""
        opens = self._what is not Asked.NOTHING
        self._what = Asked.NOTHING
        return int(opens)
