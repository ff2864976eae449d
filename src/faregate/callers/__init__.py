"""Who calls, and what kind of call it is.

Owns the recognition of clients and the classification of requests into prompts and the rest. Knows
no dialect (it sees facts through protocols), no plan and no key. Its findings are evidence, never
proof.
"""

from __future__ import annotations

from faregate.callers.caller import Caller
from faregate.callers.prompts import Kind, Verdict, classify
from faregate.callers.recognise import recognise, title_of

__all__ = ["Caller", "Kind", "Verdict", "classify", "recognise", "title_of"]
