"""Where a request goes at an upstream: path and query.

Owns what of a client's query goes along: all but credentials and, in Google's dialect, the form of the answer, which
is always asked for as events. Knows no addresses.
"""

from __future__ import annotations

from faregate.callers.credentials import without_credentials
from faregate.dialects.dialect import CountingDialect, Dialect
from faregate.dialects.google_generate import GoogleGenerate

_FORMS = (b"alt", b"$alt", b"%24alt")
_EVENTS = b"alt=sse"


def destination(spoken: Dialect, model: str, query: bytes) -> tuple[bytes, bytes]:
    """Path after the upstream's base and query, for a request in ``spoken`` to what the upstream calls ``model``."""
    kept = without_credentials(query) if query else query
    if isinstance(spoken, GoogleGenerate):
        return spoken.path_for(model).encode(), _for_google(kept, spoken.stream)
    return spoken.upstream_path.encode(), kept


def count_destination(spoken: CountingDialect, model: str, query: bytes) -> tuple[bytes, bytes]:
    """As ``destination``, for a question for the number of tokens."""
    if isinstance(spoken, GoogleGenerate):
        return destination(spoken, model, query)
    return spoken.upstream_count_path.encode(), without_credentials(query) if query else query


def forms_in(query: bytes) -> tuple[str, ...]:
    """What a query of Google's says of the form of its answer."""
    pairs = (part.partition(b"=") for part in query.split(b"&"))
    return tuple(value.decode("latin-1").lower() for name, _, value in pairs if name.lower() in _FORMS)


def _for_google(query: bytes, stream: bool) -> bytes:
    kept = [part for part in query.split(b"&") if part and part.partition(b"=")[0].lower() not in _FORMS]
    return b"&".join([*kept, _EVENTS] if stream else kept)
