"""Pointing coding tools at a gate: what stands in whose file, and changing those files without harm."""
