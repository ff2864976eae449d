"""The neutral form of a request: what is asked of a model, in no dialect's words.

Owns the values. Dialects read them out of a body and write them into one.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

JsonObject = dict[str, Any]


class NotCarried(Exception):
    """Something in a body that the other dialect has no room for. ``field`` says where."""

    code = "not_carried"

    def __init__(self, field: str, what: str) -> None:
        super().__init__(f"`{field}`: {what}")
        self.field = field
        self.what = what


class Text(NamedTuple):
    """``cache`` marks the end of a prefix to be kept: ``5m`` or ``1h``, else None."""

    text: str
    cache: str | None = None


class Image(NamedTuple):
    """Base64 ``data`` of ``media_type``, or a ``url``. ``detail`` as OpenAI has it, '' where not said."""

    media_type: str
    data: str
    url: str
    detail: str = ""
    cache: str | None = None


class File(NamedTuple):
    """A document: base64 ``data`` of ``media_type``, or a ``url``."""

    media_type: str
    data: str
    url: str
    name: str = ""
    cache: str | None = None


class Call(NamedTuple):
    """A tool called by the model; ``arguments`` is JSON text (free text where ``custom``)."""

    id: str
    name: str
    arguments: str
    custom: bool = False
    cache: str | None = None


class Result(NamedTuple):
    """What came of a call."""

    call: str
    parts: tuple[Text | Image | File, ...]
    failed: bool = False
    custom: bool = False
    cache: str | None = None


class Thought(NamedTuple):
    """Reasoning: ``text`` for people, ``signature`` for the model that thought it. Without text it is hidden."""

    text: str
    signature: str
    hidden: bool = False


class Denial(NamedTuple):
    """Words by which the model refused to answer."""

    text: str


Part = Text | Image | File | Call | Result | Thought | Denial

Role = Literal["system", "user", "assistant"]


class Turn(NamedTuple):
    """What one side said. Results of tools stand in turns of the user."""

    role: Role
    parts: tuple[Part, ...]


class Tool(NamedTuple):
    """``schema`` is a JSON Schema; None for a tool that takes free text, whose ``format`` may say which."""

    name: str
    description: str
    schema: JsonObject | None
    strict: bool | None = None
    format: JsonObject | None = None
    cache: str | None = None


class Choice(NamedTuple):
    """``kind``: the model may call (``auto``), must (``any``), must this one (``tool``), must not (``none``)."""

    kind: Literal["auto", "any", "tool", "none"]
    name: str = ""


class Shape(NamedTuple):
    """How the answer has to look: JSON, by ``schema`` where there is one."""

    schema: JsonObject | None
    name: str = "answer"
    description: str = ""
    strict: bool | None = None


class Effort(NamedTuple):
    """How much to think: a ``level`` (``none``, ``minimal``, ``low``, ``medium``, ``high``, ``xhigh``, ``max``), a
    ``budget`` of tokens, or both; ``shown`` where the client wants to read it."""

    level: str | None = None
    budget: int | None = None
    shown: bool = True


class Ask(NamedTuple):
    """The whole request. ``left_out`` names hints that this form has no place for."""

    model: str
    turns: tuple[Turn, ...]
    tools: tuple[Tool, ...] = ()
    choice: Choice | None = None
    parallel: bool | None = None
    max_output: int | None = None
    temperature: float | int | None = None
    top_p: float | int | None = None
    top_k: int | None = None
    stops: tuple[str, ...] = ()
    shape: Shape | None = None
    effort: Effort | None = None
    stream: bool = False
    wants_usage: bool = False
    user: str = ""
    cache_key: str = ""
    left_out: tuple[str, ...] = ()
