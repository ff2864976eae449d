"""Faregate: the fare gate of LLM APIs. Plans as code, enforced at the gate, billed from books that balance."""

__version__ = "0.1.0"
