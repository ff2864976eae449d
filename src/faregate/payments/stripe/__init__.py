"""Stripe: cards and more by hosted checkout; mandates charged off session; refunds; disputes.

https://docs.stripe.com/api, through Stripe's own library for Python, over this house's HTTP client.
"""
