"""Images and files: data URLs and their parts.

Owns reading and writing ``data:`` URLs. Fetches nothing.
"""

from __future__ import annotations

from faregate.conversion.ask import File, Image
from faregate.conversion.fields import BadField

_DATA = "data:"
_BASE64 = ";base64"


def split_url(url: str, where: str) -> tuple[str, str, str]:
    """(media type, base64 data, url): a data URL in its parts, any other URL as it is. Raises BadField."""
    if not url.startswith(_DATA):
        return "", "", url
    head, comma, data = url[len(_DATA) :].partition(",")
    if not comma or not head.endswith(_BASE64):
        raise BadField(where, "is to be a data URL in base64, or an https URL")
    return head[: -len(_BASE64)].partition(";")[0], data, ""


def split_file(data: str, where: str) -> tuple[str, str, str]:
    """(media type, base64 data, url) of what stands in ``file_data``: a URL of any kind, or bare base64."""
    if data.startswith((_DATA, "http://", "https://")):
        return split_url(data, where)
    return "", data, ""


def url_of(media: Image | File) -> str:
    """The URL that says the same."""
    return media.url or f"{_DATA}{media.media_type}{_BASE64},{media.data}"
