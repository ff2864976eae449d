"""Identifiers: their shapes, their order, and what can be read from them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.app.ids import (
    ALPHABET,
    RequestIds,
    account_of,
    base32,
    made_at,
    new_account_id,
    new_key_id,
    new_secret,
    shown_part,
)

NOW = 1_790_000_000_000_000


def ids(seed: int = 1) -> RequestIds:
    return RequestIds(random.Random(seed).randbytes)


@given(st.integers(0, 2**55 - 1))
def test_base_32_says_the_number_again(number: int) -> None:
    digits = base32(number, 11)
    assert len(digits) == 11
    back = 0
    for digit in digits:
        back = back * 32 + ALPHABET.index(digit)
    assert back == number


@given(st.integers(0, 2**55 - 1), st.integers(0, 2**55 - 1))
def test_base_32_sorts_like_the_numbers(one: int, other: int) -> None:
    assert (base32(one, 11) < base32(other, 11)) == (one < other)


@pytest.mark.parametrize("number", [-1, 32**3])
def test_a_number_that_does_not_fit_is_an_error(number: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        base32(number, 3)


def test_a_request_id_tells_its_account_and_its_time() -> None:
    account = new_account_id(random.Random(3).randbytes)
    request = ids().new(account, NOW)
    assert account_of(request) == account
    assert made_at(request) == NOW


def test_request_ids_rise_also_when_the_clock_stands_still_or_steps_back() -> None:
    source = ids()
    made = [source.new("acc_1", at) for at in (NOW, NOW, NOW - 5, NOW + 1, NOW + 9)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


@pytest.mark.parametrize(
    "text", ["", "req_", "req_1_2", "acc_12345678", "req_0123456789abci_1", "req_0123456789abcd_"]
)
def test_what_is_no_request_id_tells_nothing(text: str) -> None:
    assert account_of(text) is None
    assert made_at(text) is None


def test_only_an_account_id_gets_request_ids() -> None:
    with pytest.raises(ValueError, match="not an account id"):
        ids().new("somebody", NOW)


def test_ids_and_secrets_have_their_shape_and_follow_the_injected_randomness() -> None:
    first, second = random.Random(5).randbytes, random.Random(5).randbytes
    assert len(new_account_id(first)) == len("acc_") + 8
    assert len(new_key_id(first)) == len("key_") + 10
    secret = new_secret(first)
    assert len(secret) == len("fg-") + 40
    assert shown_part(secret) == secret[: len("fg-") + 8]
    assert (new_account_id(second), new_key_id(second), new_secret(second))[2] == secret
