"""The gate: the data plane. From a client's request to the upstream and back, with a hold before and a charge after.

Knows HTTP, dialects and callers; money only through the ledger's port.
"""
