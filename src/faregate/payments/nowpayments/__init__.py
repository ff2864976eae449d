"""NowPayments: crypto currencies to an address of its own for each payment. No mandates, and no refunds by API.

https://documenter.getpostman.com/view/7907941/2s93JusNJt. No library of its own for Python.
"""
