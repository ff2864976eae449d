"""How search services are asked and what their answers look like.

Owns the presets and the reading of results by a mapping: a service of another kind is one more mapping, no code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

FIELDS = ("title", "url", "text", "date")


class SearchForm(NamedTuple):
    """One service's way.

    The question goes by ``query`` and the number of results by ``number`` ('' where it cannot be told), as parameters
    of a GET or as fields of a POST's JSON. ``key_header`` carries the secret; `authorization` carries it as a Bearer.
    ``results`` is the dotted path to the list, ``fields`` the dotted path of each of FIELDS in one result.
    """

    url: str
    method: Literal["GET", "POST"]
    query: str
    number: str
    key_header: str
    results: str
    fields: Mapping[str, str]


BRAVE = SearchForm(
    "https://api.search.brave.com/res/v1/web/search",
    "GET",
    "q",
    "count",
    "x-subscription-token",
    "web.results",
    {"title": "title", "url": "url", "text": "description", "date": "page_age"},
)
TAVILY = SearchForm(
    "https://api.tavily.com/search",
    "POST",
    "query",
    "max_results",
    "authorization",
    "results",
    {"title": "title", "url": "url", "text": "content", "date": "published_date"},
)
GENERIC = SearchForm(
    "",
    "GET",
    "q",
    "",
    "authorization",
    "results",
    {"title": "title", "url": "url", "text": "content", "date": "publishedDate"},
)
FORMS: dict[str, SearchForm] = {"brave": BRAVE, "tavily": TAVILY, "json": GENERIC}
"""By the names of the configuration; `json` is what SearXNG answers with, and to be adapted to others."""


def found_in(answer: object, form: SearchForm, count: int) -> list[dict[str, str]] | None:
    """At most ``count`` results, each with those of FIELDS that it has, in words; None where there is no list.

    What names no http or https address is left out.
    """
    listed = _at(answer, form.results)
    if listed is None and isinstance(answer, dict):
        # Services leave an empty part out.
        return []
    if not isinstance(listed, list):
        return None
    found = []
    for item in listed:
        told = {name: _text(_at(item, form.fields[name])) for name in FIELDS if form.fields.get(name)}
        if told.get("url", "").startswith(("http://", "https://")):
            found.append({name: value for name, value in told.items() if value})
    return found[:count]


def _at(value: object, path: str) -> Any:
    for name in path.split(".") if path else ():
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""
