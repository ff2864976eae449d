"""Price files written on the spot, and the shipped book."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from faregate.ratecards import PriceBook, PriceFileError, load_files, load_shipped

HEAD = """\
maker: acme
currency: USD
sources:
  list: {title: Acme price list, url: "https://acme.example/prices", read: 2026-01-02}
models:
"""
MODEL = """\
  acme/one:
    name: One
    prices:
      - from: 2026-01-01
        source: [list]
        per_million: {input: 2, cached_input: 0.2, output: 8}
"""

Load = Callable[..., PriceBook]
Problems = Callable[[str], list[str]]


@pytest.fixture(scope="session")
def shipped() -> PriceBook:
    return load_shipped()


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads texts as the files acme.yaml, second.yaml, ... on top of ``base`` (an empty book)."""

    def load_texts(*texts: str, base: PriceBook | None = None) -> PriceBook:
        paths = []
        for name, text in zip(("acme.yaml", "second.yaml", "third.yaml"), texts, strict=False):
            path = tmp_path / name
            path.write_text(text, encoding="utf-8")
            paths.append(path)
        return load_files(paths, base if base is not None else PriceBook())

    return load_texts


@pytest.fixture
def problems(load: Load, tmp_path: Path) -> Problems:
    """The problems of one maker file as 'line:column: wrong; mend'."""

    def problems_of(text: str) -> list[str]:
        with pytest.raises(PriceFileError) as failure:
            load(text)
        start = f"{tmp_path / 'acme.yaml'}:"
        lines = [str(problem) for problem in failure.value.problems]
        assert all(line.startswith(start) for line in lines), lines
        return [line.removeprefix(start) for line in lines]

    return problems_of
