"""The simulator: usage replayed through the same engine, with the clock of the file.

Owns the file of usage and operator events, the replay, and what it reports. Does not know the service.
"""
