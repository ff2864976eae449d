"""Measurements against the targets. Not part of the product; nothing in ``src`` imports it."""
