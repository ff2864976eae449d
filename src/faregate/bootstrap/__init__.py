"""Putting the parts together: settings, the house (store, ledger, control plane), and serving it.

Owns the wiring and nothing else. The only place that reads clocks, entropy and the environment.
"""
