"""Columns as PostgreSQL's binary arrays: what is sent is what PostgreSQL reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.store.postgresql.arrays import Column, blobs, integers, texts, understand_arrays
from tests.postgresql.server import shared_server

LARGEST = 2**63 - 1


@pytest.fixture(scope="module")
def connection() -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(shared_server().url("postgres"), autocommit=True) as connection:
        understand_arrays(connection)
        yield connection


def read(connection: psycopg.Connection[Any], column: Column) -> list[Any]:
    kind = {"Texts": "text[]", "Integers": "bigint[]", "Blobs": "bytea[]"}[type(column).__name__]
    [[values]] = connection.execute(f"SELECT %b::{kind}".encode(), (column,), binary=True).fetchall()
    return list(values)


@given(values=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"))))
def test_texts(connection: psycopg.Connection[Any], values: list[str]) -> None:
    assert read(connection, texts(values)) == values


@given(values=st.lists(st.integers(-LARGEST - 1, LARGEST)))
def test_integers(connection: psycopg.Connection[Any], values: list[int]) -> None:
    assert read(connection, integers(values)) == values


@given(values=st.lists(st.binary()))
def test_blobs(connection: psycopg.Connection[Any], values: list[bytes]) -> None:
    assert read(connection, blobs([*values, bytes(5000)])) == [*values, bytes(5000)]


@pytest.mark.parametrize("value", [LARGEST + 1, -LARGEST - 2])
def test_an_integer_that_does_not_fit_is_not_cut(value: int) -> None:
    with pytest.raises(OverflowError):
        integers([0, value])
