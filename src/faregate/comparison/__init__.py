"""Comparison: the same usage replayed against many plans, and which of them fits.

Owns the standard mix, what a month of a plan holds, the replays side by side, the verdict and the page that shows
them. The rules are core's, a replay is the simulator's, logs are read by the readers.
"""
