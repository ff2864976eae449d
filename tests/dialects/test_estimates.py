"""Estimates from bytes: text by length, media by the piece."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.dialects import estimate, openai_chat
from faregate.dialects.estimate import SAMPLE_EVERY, TOKENS_PER_MEDIA, input_tokens

PICTURE = base64.b64encode(bytes(range(256)) * 100)
PIECES = st.sampled_from([b"word " * 400, b"x" * 3_000, PICTURE, b'"', PICTURE[:200], b"\n", b"a" * SAMPLE_EVERY])


def test_one_token_stands_for_four_bytes() -> None:
    assert [input_tokens(b"x" * size) for size in (0, 1, 4, 5)] == [0, 1, 1, 2]


def test_a_picture_counts_the_same_whatever_its_length() -> None:
    text = b'{"text":"' + b"word " * 4_000 + b'","url":"'
    for picture in (PICTURE, PICTURE * 3):
        assert input_tokens(text + picture + b'"}') == -(-len(text + b'"}') // 4) + TOKENS_PER_MEDIA


@given(st.lists(PIECES, max_size=12).map(b"".join))
def test_a_body_passed_over_holds_no_media(body: bytes) -> None:
    if not estimate._may_hold_media(body):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(estimate, "_may_hold_media", lambda body: True)
            assert estimate._media(body) == (0, 0)


def test_a_hold_is_bounded_by_what_the_request_allows() -> None:
    request = openai_chat.read(b'{"model":"m","messages":[],"max_tokens":10,"n":3}')
    assert estimate.hold_usage(request, 500, prompts=1)[4:] == (30, 0, 0, 1, 1)
    assert estimate.hold_usage(request, 5).output == 15
