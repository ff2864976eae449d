"""What the simulator says to people: phrases with a stable code, and their English words.

Owns the English words. Other languages keep words under the same codes; a phrase inside a phrase is put into words
the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import NamedTuple

ENGLISH: Mapping[str, str] = {
    # What is wrong with a line, and how to mend it.
    "bad_json": "not JSON (column {column}: {problem}); write one JSON object on each line",
    "bad_encoding": "not UTF-8 (byte {byte}); save the file as UTF-8",
    "line_too_long": "longer than {limit} bytes; write one JSON object on each line",
    "not_an_object": 'JSON, but not an object; write {{"at": …, "model": …}}',
    "field_twice": "{field!r} stands there twice; keep one of them",
    "unknown_field": "there is no field {field!r} in {shape}; {hint}",
    "missing_field": "{field!r} is missing in {shape}; add {wanted}",
    "bad_value": "{field!r} is {found}; write {wanted}",
    "not_later": "{field!r} is not after 'at'; write {wanted} that is later",
    "unknown_event": "there is no event {event!r}; {hint}",
    "misplaced_field": "{field!r} has no meaning beside {other!r}; leave one of them out",
    "tool_without_calls": "'calls' counts the calls of a tool and no tool is named; add 'tool', or leave it out",
    "goes_back": "{at} is before {before} in line {earlier}; order the file by time, or give --sort",
    "unknown_plan": "there is no plan {plan!r}; {hint}",
    "plan_not_running": "{plan!r} is not on the account; {hint}",
    "name_a_plan": "several plans could be meant by {shape}; name one of them in 'plan': {plans}",
    "nothing_to_do_it_to": "no plan of the account can take {shape}; the account has: {plans}",
    "unknown_pool": "{plan} has no such pool {name!r}; {hint}",
    "unknown_window": "{plan} has no window {name!r}; {hint}",
    "unknown_multiplier": "{plan} has no scheduled multiplier {name!r}; {hint}",
    "unknown_segment": "{plan} knows no segment {name!r}; {hint}",
    "unknown_price": "{plan} has no price {name!r}; {hint}",
    "no_period": "{plan} has no paid period to renew; remove the line, or name another plan",
    "bad_amount": "{amount!r} is {problem}; write it in {unit}, such as 10 or 2.5",
    "cannot": "{problem}; change or remove the line",
    "amount_overflow": "the figures of this line do not fit the books; write less",
    # What to write instead.
    "did_you_mean": "did you mean {name!r}?",
    "there_are": "there are: {names}",
    "there_is_none": "there is none",
    "it_has": "it has: {names}",
    "wanted_instant": 'an instant with its zone, such as "2026-03-01T10:00:00Z" or "2026-03-01T18:00:00+08:00"',
    "wanted_text": "a text of one line",
    "wanted_count": "a whole number from 0 on",
    "wanted_calls": "a whole number from 1 on",
    "wanted_whole": "a whole number",
    "wanted_truth": "true or false",
    "wanted_amount": 'a decimal above 0, such as "10", 2.5 or "10 USD"',
    "wanted_factor": 'an exact number from 0 on, such as "1.5" or "10/11"',
    "wanted_mode": '"automatic" or "manual"',
    # Lines.
    "usage": "a line of usage",
    "grant": "a grant",
    "reset": "a reset",
    "renew": "a renewal",
    "restore": "a restore",
    "restore_mode": "a restore mode",
    "multiplier": "a change of multiplier",
    "segment": "a segment",
    "cancel": "a cancellation",
    "subscribe": "a purchase",
    "switch": "a switch",
    "extra_usage": "a switch of Extra Usage",
    "terms": "a change of terms",
}


class Phrase(NamedTuple):
    """Words to be: a code, and the fields that its template takes."""

    code: str
    fields: Mapping[str, object] = {}

    def words(self, templates: Mapping[str, str] = ENGLISH) -> str:
        """The phrase in the language of ``templates``."""
        fields = {
            name: value.words(templates) if isinstance(value, Phrase) else value
            for name, value in self.fields.items()
        }
        return templates[self.code].format(**fields)


def hint(word: str, known: Iterable[str]) -> Phrase:
    """How to mend a name that is not among ``known``: the nearest, else all of them."""
    names = list(dict.fromkeys(known))
    folded = {name.casefold(): name for name in names}
    near = get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    if near:
        return Phrase("did_you_mean", {"name": folded[near[0]]})
    inside = [name for name in names if len(name) > 2 and (name in word.casefold() or word.casefold() in name)]
    if inside and len(word) > 2:
        return Phrase("did_you_mean", {"name": inside[0]})
    if not names:
        return Phrase("there_is_none")
    return Phrase("there_are", {"names": ", ".join(names[:20]) + (", …" if len(names) > 20 else "")})
