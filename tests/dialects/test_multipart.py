"""Forms: what was written is what is read, whatever bytes stand in its fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.dialects.multipart import boundary_of, parts_of, replaced, text_of
from faregate.dialects.problem import BadBody

BOUNDARY = b"b0undary"
names = st.sampled_from(("model", "prompt", "image", "n"))
values = st.binary(max_size=60).filter(lambda value: b"--" + BOUNDARY not in value)
fields = st.lists(st.tuples(names, values, st.booleans()), min_size=1, max_size=6)


def written(form: list[tuple[str, bytes, bool]]) -> bytes:
    out = b""
    for name, value, is_file in form:
        file = b'; filename="a; name=x.png"' if is_file else b""
        kind = b"\r\nContent-Type: image/png" if is_file else b""
        out += b'--%b\r\nContent-Disposition: form-data; name="%b"%b%b\r\n\r\n%b\r\n' % (
            BOUNDARY,
            name.encode(),
            file,
            kind,
            value,
        )
    return out + b"--" + BOUNDARY + b"--\r\n"


@given(fields)
def test_fields_are_read_as_they_were_written(form: list[tuple[str, bytes, bool]]) -> None:
    body = written([(name, value, False) for name, value, _ in form])
    parts = parts_of(body, BOUNDARY)
    assert [(part.name, body[part.start : part.end]) for part in parts] == [(name, value) for name, value, _ in form]


@given(fields, values)
def test_replacing_a_field_changes_nothing_else(form: list[tuple[str, bytes, bool]], value: bytes) -> None:
    plain = [(name, each, False) for name, each, _ in form]
    body = written(plain)
    changed = [(name, value if name == "model" else each, False) for name, each, _ in form]
    assert replaced(body, parts_of(body, BOUNDARY), "model", value) == written(changed)


def test_a_file_is_told_from_a_text_and_the_last_text_counts() -> None:
    body = written([("model", b"one", False), ("model", b"two", False), ("n", b"\xff", False)])
    parts = parts_of(body, BOUNDARY)
    assert text_of(body, parts, "model") == "two"
    assert text_of(body, parts, "prompt") is None
    with pytest.raises(BadBody, match="must be a text"):
        text_of(body, parts, "n")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_form_or_refused(noise: bytes) -> None:
    for body in (noise, b"--" + BOUNDARY + b"\r\n" + noise, written([("model", b"m", False)])[:-8] + noise):
        try:
            parts = parts_of(body, BOUNDARY)
        except BadBody:
            continue
        assert all(0 < part.start <= part.end <= len(body) for part in parts)


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        (b"multipart/form-data; boundary=----WebKitFormBoundaryA1", b"----WebKitFormBoundaryA1"),
        (b'Multipart/Form-Data;boundary="a=b"', b"a=b"),
        (b"multipart/form-data", None),
        (b"multipart/form-data; boundary=a; boundary=b", None),
        (b"multipart/form-data; boundary=a, multipart/form-data; boundary=b", None),
        (b"application/json", None),
    ],
)
def test_a_content_type_names_one_boundary(content_type: bytes, boundary: bytes | None) -> None:
    assert boundary_of(content_type) == boundary
