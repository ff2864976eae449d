"""The comparison as one self-contained page of HTML that a person would send to a friend.

Owns everything that is seen; it computes no outcome: its only input is faregate.comparison.result.
"""

from faregate.comparison.page.document import render

__all__ = ["render"]
