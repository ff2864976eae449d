"""Conversion: a request of one API dialect as a request of another, and the answer back again.

Owns the neutral forms of a request, an answer and a stream, and how each dialect reads and writes them. What cannot
be carried is refused by name; a hint that changes nothing of the content is left out and told. Does not relay bytes,
meter or price.
"""

from faregate.conversion.ask import Ask, NotCarried
from faregate.conversion.conversion import DIALECTS, BadReply, Conversion, StreamConversion, convertible

__all__ = [
    "DIALECTS",
    "Ask",
    "BadReply",
    "Conversion",
    "NotCarried",
    "StreamConversion",
    "convertible",
]
