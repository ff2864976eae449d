"""Creem: cards as merchant of record. It keeps the products, adds the taxes, and renews subscriptions by itself.

https://docs.creem.io/api-reference. No library of its own for Python.
"""
