"""Upstreams: the model providers behind the gate, from configuration to the request on the wire.

Knows no account, no plan and no client of the gate.
"""
