"""Words of the page in both languages.

Owns how a word is written so that the page can change language where it stands: static words carry their key
(``data-t``), names that come in both languages carry the other one (``data-o``). Everything it returns is escaped;
whatever comes from logs or plan files passes through here or through ``escaped``. The words themselves stand in
words_en.py and words_zh.py, under the same keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from faregate.comparison.page.words_en import WORDS as ENGLISH
from faregate.comparison.page.words_zh import WORDS as CHINESE

LANGUAGES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "zh": CHINESE}
_BETWEEN = "\t"


def escaped(text: object) -> str:
    """``text`` as the content of an element or of an attribute in double quotes; control characters are left out."""
    return escape("".join(letter if letter.isprintable() else " " for letter in str(text)))


class Speech:
    """Writes words in ``language`` (``en`` or ``zh``); the page can turn them into the other one."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "en"
        self.other = "zh" if self.language == "en" else "en"
        self._words = LANGUAGES[self.language]

    def knows(self, key: str) -> bool:
        """Whether there are words under ``key``."""
        return key in self._words

    def plain(self, key: str, *figures: object) -> str:
        """The words under ``key`` with ``{0}``, ``{1}`` replaced by ``figures``, escaped, without markup."""
        return escaped(self._filled(key, figures))

    def say(self, key: str, *figures: object, tag: str = "span", extra: str = "") -> str:
        """The words under ``key`` in an element that can change its language. ``extra`` is markup of attributes."""
        return f'<{tag}{extra} data-t="{self._key(key, figures)}">{self.plain(key, *figures)}</{tag}>'

    def label(self, key: str, *figures: object) -> str:
        """An ``aria-label`` that can change its language, as markup of attributes."""
        return f' aria-label="{self.plain(key, *figures)}" data-a="{self._key(key, figures)}"'

    def hint(self, key: str, *figures: object) -> str:
        """A ``title`` that can change its language, as markup of attributes."""
        return f' title="{self.plain(key, *figures)}" data-h="{self._key(key, figures)}"'

    def name(self, names: Mapping[str, str], tag: str = "span", extra: str = "") -> str:
        """A name given by language, in an element that can change its language."""
        mine = self.name_text(names)
        theirs = names.get(self.other, mine)
        if theirs == mine:
            return f"<{tag}{extra}>{escaped(mine)}</{tag}>"
        return f'<{tag}{extra} data-o="{escaped(theirs)}">{escaped(mine)}</{tag}>'

    def name_text(self, names: Mapping[str, str]) -> str:
        """The name in this page's language, else in whatever there is. Not escaped."""
        return names.get(self.language) or names.get("en") or next(iter(names.values()), "")

    def _filled(self, key: str, figures: tuple[object, ...]) -> str:
        text = self._words[key]
        for place, figure in enumerate(figures):
            text = text.replace(f"{{{place}}}", str(figure))
        return text

    def _key(self, key: str, figures: tuple[object, ...]) -> str:
        return _BETWEEN.join(escaped(part) for part in (key, *figures))
