"""Readers: the logs that coding tools keep, as requests with their use.

Owns finding, recognising and reading those files, and leaving out what they hold twice. Does not price or replay.
"""
