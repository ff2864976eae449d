"""Which language the command line speaks, and its words.

Owns the choice (``--lang``, else the environment) and the look-up of messages. The words stand in messages_en.py and
messages_zh.py, under the same keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar

from faregate.cli.messages_en import MESSAGES as ENGLISH

LANGUAGES = ("en", "zh")
_VARIABLES = ("FAREGATE_LANG", "LC_ALL", "LC_MESSAGES", "LANG")

_language: ContextVar[str] = ContextVar("language", default="en")


def language_of(environment: Mapping[str, str]) -> str:
    """``zh`` where the environment asks for Chinese, else ``en``; the first variable set decides."""
    for name in _VARIABLES:
        value = environment.get(name)
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def speak(language: str) -> None:
    """Use ``language`` from here on."""
    _language.set(language)


def language() -> str:
    """The language in use: ``en`` or ``zh``."""
    return _language.get()


def messages() -> Mapping[str, str]:
    """All messages in the language in use, by key."""
    if language() == "zh":
        from faregate.cli.messages_zh import MESSAGES as CHINESE

        return CHINESE
    return ENGLISH


def say(key: str, **fields: object) -> str:
    """The message under ``key``, its fields filled in."""
    text = messages()[key]
    return text.format(**fields) if fields else text
