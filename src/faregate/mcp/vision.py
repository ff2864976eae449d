"""The tool that looks at an image, through any vision model that is configured.

Owns the question, its way through the upstreams and what is charged: one call, with the tokens that the model
reported. Asks in Chat Completions; upstreams of another dialect are asked in theirs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from faregate.conversion import Conversion, NotCarried
from faregate.conversion.chat_body import limit_name
from faregate.conversion.conversion import BadReply
from faregate.core.usage import Usage
from faregate.dialects import DIALECTS, estimate, google_generate, openai_chat
from faregate.dialects.dialect import Dialect
from faregate.dialects.google_generate import GoogleGenerate
from faregate.dialects.reported import believable
from faregate.mcp.images import Image, image_of
from faregate.mcp.ports import Attempt, Clock, Fault, Upstreams
from faregate.mcp.settings import VisionSettings
from faregate.mcp.tool import Answer, BackEndFailure, ToolCaller, only_known, text_block, text_of
from faregate.wire.call import CallLimits
from faregate.wire.client import Response
from faregate.wire.failures import WireError
from faregate.wire.fetching import Fetcher

_LONGEST_QUESTION: Final = 10_000
_ANSWER_BYTES: Final = 4 * 1024 * 1024
_ATTEMPTS: Final = 3
_USUAL_OUTPUT: Final = 500
_RESTING: Final = "No model for images can take requests right now; try again later."


class Vision:
    """`vision`, paid for as ``tool/vision``."""

    name = "vision"
    model = "tool/vision"
    title = "Image understanding"
    description = "Look at an image and answer a question about it."
    output_schema: dict[str, Any] | None = None

    def __init__(self, settings: VisionSettings, fetcher: Fetcher, upstreams: Upstreams, clock: Clock) -> None:
        self._settings = settings
        self._fetcher = fetcher
        self._upstreams = upstreams
        self._clock = clock
        # Base64 takes four characters for three bytes; a data: URL says before what it is.
        self._longest_image = settings.largest_bytes * 4 // 3 + 100
        self.input_schema: dict[str, Any] = {
            "type": "object",
            "properties": {
                "image": {"type": "string", "description": "http or https address, data: URL, or base64."},
                "question": {"type": "string", "maxLength": _LONGEST_QUESTION, "default": "Describe this image."},
            },
            "required": ["image"],
            "additionalProperties": False,
        }

    def estimate(self, arguments: Mapping[str, Any]) -> Usage:
        """One call with the tokens of an image and a usual answer. Raises BadArgument."""
        _, question = self._read(arguments)
        tokens = estimate.TOKENS_PER_MEDIA + len(question.encode()) // estimate.BYTES_PER_TOKEN + 1
        return Usage(input=tokens, output=min(_USUAL_OUTPUT, self._settings.most_tokens), tool_calls=1)

    async def use(self, arguments: Mapping[str, Any], caller: ToolCaller) -> Answer:
        """Ask the model. Raises BackEndFailure, BadArgument."""
        source, question = self._read(arguments)
        image = await image_of(source, self._fetcher, self._settings.largest_bytes)
        try:
            async with asyncio.timeout(self._settings.seconds):
                return await self._asked(_question_about(image, question, self._settings), caller)
        except TimeoutError:
            raise BackEndFailure("vision_slow", "The model for images did not answer in time.") from None

    def _read(self, arguments: Mapping[str, Any]) -> tuple[str, str]:
        only_known(arguments, self.input_schema)
        image = text_of(arguments, "image", self._longest_image)
        return image, text_of(arguments, "question", _LONGEST_QUESTION, "Describe this image.")

    async def _asked(self, body: bytes, caller: ToolCaller) -> Answer:
        """The first good answer of the upstreams that serve the model."""
        route = self._upstreams.route(self._settings.model, openai_chat.name)
        if route is None:
            raise BackEndFailure("vision_not_served", "No upstream serves the model for images.")
        tried: list[Attempt] = []
        while len(tried) < _ATTEMPTS:
            attempt = route.attempt(caller.account, caller.session, body, self._clock(), tried)
            if isinstance(attempt, int):
                break
            try:
                answer = await self._tried(attempt, body)
            finally:
                attempt.end()
            if answer is not None:
                return answer
            tried.append(attempt)
        raise BackEndFailure("vision_failed", "The model for images did not answer." if tried else _RESTING)

    async def _tried(self, attempt: Attempt, body: bytes) -> Answer | None:
        """The answer of one upstream; None where another may do better. Raises BackEndFailure."""
        question = _Spoken(attempt, body)
        status, headers, answered = 0, [], b""
        try:
            response = question.sent()
            try:
                await response.wait_for_head()
                status, headers = response.status, response.headers
                answered = await _bounded(response)
            finally:
                response.close()
        except WireError as failure:
            _check_elsewhere(attempt.failed(failure, self._clock()))
            return None
        if status != 200:
            _check_elsewhere(attempt.refused(status, headers, answered, self._clock()))
            return None
        text, usage = question.read(answered)
        if text is None:
            _check_elsewhere(attempt.spoiled("not_json", self._clock()))
            return None
        attempt.answered(self._clock())
        facts: dict[str, Any] = {"upstream_key": attempt.key} if attempt.key else {}
        if usage is None:
            facts["estimated"] = True
            usage = Usage(input=estimate.input_tokens(body), output=estimate.output_tokens(len(text.encode())))
        if attempt.is_priced and (cost := attempt.cost(usage, self._clock())) is not None:
            facts["cost"] = cost
        charged = usage._replace(tool_calls=1, requests=1, prompts=0)
        return Answer([text_block(text)], None, charged, attempt.name, facts)


class _Spoken:
    """One question in the dialect of the upstream that it goes to."""

    def __init__(self, attempt: Attempt, body: bytes) -> None:
        self._attempt = attempt
        google = attempt.dialect == google_generate.name
        self._dialect: Dialect = GoogleGenerate(stream=False) if google else DIALECTS[attempt.dialect]
        self._conversion: Conversion | None = None
        if attempt.dialect != openai_chat.name:
            try:
                self._conversion = Conversion(openai_chat.name, attempt.dialect, body)
            except NotCarried:
                raise BackEndFailure("vision_not_carried", "The upstream takes no images.") from None
        self._body = body

    def sent(self) -> Response:
        """The request under way."""
        attempt, dialect = self._attempt, self._dialect
        if self._conversion is not None:
            body = self._conversion.upstream_body(attempt.model)
        else:
            # The limit stands in front of all that a caller said.
            named = self._body.replace(b'"max_tokens"', b'"%b"' % limit_name(attempt.model).encode(), 1)
            body = dialect.upstream_body(dialect.read(named), attempt.model)
        path = dialect.path_for(attempt.model) if isinstance(dialect, GoogleGenerate) else dialect.upstream_path
        response = Response(b"", b"", CallLimits())
        attempt.send(response, path.encode(), b"", {}, body)
        return response

    def read(self, answered: bytes) -> tuple[str | None, Usage | None]:
        """What it says (None: it is no answer) and the usage it reports (None: it reports none)."""
        reported = believable(self._dialect.usage_of_reply(answered))
        try:
            if self._conversion is not None:
                answered = self._conversion.reply(answered, self._attempt.model, 0)
            said = msgspec.json.decode(answered, type=_Reply)
        except (BadReply, msgspec.MsgspecError, RecursionError):
            return None, None
        text = said.choices[0].message.content if said.choices else None
        return text, reported.usage if reported is not None else None


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message


class _Reply(msgspec.Struct):
    choices: list[_Choice]


def _question_about(image: Image, question: str, settings: VisionSettings) -> bytes:
    content = [
        {"type": "text", "text": question},
        {"type": "image_url", "image_url": {"url": image.data_url}},
    ]
    return msgspec.json.encode(
        {
            "model": settings.model,
            "max_tokens": settings.most_tokens,
            "messages": [{"role": "user", "content": content}],
        }
    )


async def _bounded(response: Response) -> bytes:
    pieces, size = [], 0
    async for piece in response:
        size += len(piece)
        if size > _ANSWER_BYTES:
            raise BackEndFailure("vision_failed", "The model for images answered too much.")
        pieces.append(piece)
    return b"".join(pieces)


def _check_elsewhere(fault: Fault) -> None:
    """Raises BackEndFailure where no other upstream would do better."""
    if not fault.elsewhere:
        raise BackEndFailure("vision_failed", "The model for images did not take the question.")
