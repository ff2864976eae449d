"""What lines of Claude Code's logs look like, as far as they are read.

Owns the shapes and their decoders. Does not know what they mean together.
"""

from __future__ import annotations

import msgspec

NO_ITERATIONS = msgspec.Raw()


class CacheWrites(msgspec.Struct, gc=False):
    """What was written to the cache, told apart by how long it stays."""

    ephemeral_5m_input_tokens: int | None = 0
    ephemeral_1h_input_tokens: int | None = 0


class ServerTools(msgspec.Struct, gc=False):
    """Calls of tools that the model's maker runs."""

    web_search_requests: int | None = 0
    web_fetch_requests: int | None = 0


class Use(msgspec.Struct, gc=False):
    """Tokens of one answer."""

    input_tokens: int | None = 0
    output_tokens: int | None = 0
    cache_creation_input_tokens: int | None = 0
    cache_read_input_tokens: int | None = 0
    cache_creation: CacheWrites | None = None
    server_tool_use: ServerTools | None = None
    # As it stands in the line: a view of the buffer, to be let go before that is filled again.
    iterations: msgspec.Raw = NO_ITERATIONS


class Answer(msgspec.Struct, gc=False):
    """The message of a model, as far as it tells its use."""

    usage: Use | None = None
    id: str | None = None
    model: str | None = None


class Inner(msgspec.Struct, gc=False):
    """A sub-agent's line within one of its parent's."""

    message: Answer
    timestamp: str = ""
    requestId: str | None = None  # noqa: N815
    isSidechain: bool | None = None  # noqa: N815


class Progress(msgspec.Struct, gc=False):
    """What old versions tell of a sub-agent."""

    message: Inner | None = None


class Line(msgspec.Struct, gc=False):
    """A line with a use in it."""

    message: Answer | None = None
    timestamp: str = ""
    requestId: str | None = None  # noqa: N815
    sessionId: str | None = None  # noqa: N815
    isSidechain: bool | None = None  # noqa: N815
    data: Progress | None = None


class Iteration(Use, gc=False):
    """One of several runs of models within one request."""

    type: str = ""
    model: str | None = None


class IterationsUse(msgspec.Struct, gc=False):
    """The runs of one request."""

    iterations: list[Iteration] | None = None


class IterationsAnswer(msgspec.Struct, gc=False):
    """The same, within its message."""

    usage: IterationsUse


class IterationsLine(msgspec.Struct, gc=False):
    """The same, within its line."""

    message: IterationsAnswer


class Block(msgspec.Struct, gc=False):
    """A part of what a user entered."""

    type: str = ""
    text: str = ""


class Question(msgspec.Struct, gc=False):
    """A user's message."""

    content: str | list[Block] = ""
    role: str = ""


class Origin(msgspec.Struct, gc=False):
    """Who entered it, where that was no person."""

    kind: str = ""


class UserLine(msgspec.Struct, gc=False):
    """A user's line."""

    message: Question | None = None
    type: str = ""
    isMeta: bool | None = None  # noqa: N815
    isSidechain: bool | None = None  # noqa: N815
    isCompactSummary: bool | None = None  # noqa: N815
    origin: Origin | None = None


class Queued(msgspec.Struct, gc=False):
    """What was typed while the model worked."""

    type: str = ""
    prompt: str | list[Block] = ""
    commandMode: str = ""  # noqa: N815
    isMeta: bool | None = None  # noqa: N815
    origin: Origin | None = None


class Attachment(msgspec.Struct, gc=False):
    """A line that hands something to the model beside its messages."""

    attachment: Queued | None = None
    isSidechain: bool | None = None  # noqa: N815


LINE = msgspec.json.Decoder(Line)
decode_line = LINE.decode
ITERATIONS = msgspec.json.Decoder(IterationsLine)
USER_LINE = msgspec.json.Decoder(UserLine)
ATTACHMENT = msgspec.json.Decoder(Attachment)
