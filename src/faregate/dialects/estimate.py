"""Estimates of usage from bytes, in whole numbers, for holds and for upstreams that report nothing.

The rule: one token for every 4 bytes of text, begun ones counted. Text of a request is its body;
encoded media in it (images, audio, files as base64) count 1,600 tokens a piece whatever their
length. An estimate knows no cache: all input counts as uncached.
"""

from __future__ import annotations

from faregate.core.usage import Usage
from faregate.dialects.body import Request

BYTES_PER_TOKEN = 4
TOKENS_PER_MEDIA = 1_600
SAMPLE_EVERY = 8_192
"""Media shorter than this may be taken for text."""
_SAMPLE_BYTES = 128
_BASE64_MARKS = b"+/=-_\\"


def input_tokens(body: bytes) -> int:
    """Input tokens of a request body."""
    media_count, media_bytes = _media(body)
    return _tokens(len(body) - media_bytes) + media_count * TOKENS_PER_MEDIA


def output_tokens(output_bytes: int) -> int:
    """Output tokens of so many bytes of generated text."""
    return _tokens(output_bytes)


def hold_usage(request: Request, usual_output: int, prompts: int = 0) -> Usage:
    """What a request may use: input by bytes, output as ``usual_output`` (tokens of one answer),
    never more than the request's own bound; times the answers asked for."""
    bound = request.max_output
    output = usual_output if bound is None or usual_output < bound else bound
    # By position: names cost as much as the rest of the estimate.
    return Usage(_input_of(request), 0, 0, 0, output * request.choices, request.images, 0, 1, prompts)


def missing_usage(request: Request, output_bytes: int) -> Usage:
    """What a request seems to have used when the upstream said nothing; bounded by
    ``max_output``."""
    output = output_tokens(output_bytes)
    if request.max_output is not None:
        output = min(output, request.max_output * request.choices)
    return Usage(input=_input_of(request), output=output, images=request.images)


def _input_of(request: Request) -> int:
    if request.media is None:
        return input_tokens(request.body)
    pieces, size = request.media
    return _tokens(len(request.body) - size) + pieces * TOKENS_PER_MEDIA


def _tokens(size: int) -> int:
    return -(-max(size, 0) // BYTES_PER_TOKEN)


def _media(body: bytes) -> tuple[int, int]:
    """(pieces, bytes) of base64 in the body, found by samples: a scan would cost as much as the
    decode."""
    if len(body) <= SAMPLE_EVERY or not _may_hold_media(body):
        return 0, 0
    pieces = size = 0
    position = SAMPLE_EVERY
    while position < len(body):
        sample = body[position : position + _SAMPLE_BYTES]
        if sample.translate(None, _BASE64_MARKS).isalnum():
            start = body.rfind(b'"', 0, position)
            end = body.find(b'"', position)
            if start < 0 or end < 0:
                break
            if end - start > SAMPLE_EVERY // 2:
                pieces += 1
                size += end - start
            position = end
        position += SAMPLE_EVERY
    return pieces, size


def _may_hold_media(body: bytes) -> bool:
    """Whether any sample is without a space, as base64 is and text seldom."""
    find = body.find
    for start in range(SAMPLE_EVERY, len(body), SAMPLE_EVERY):  # noqa: SIM110 - a loop costs half of a generator
        if find(b" ", start, start + _SAMPLE_BYTES) < 0:
            return True
    return False
