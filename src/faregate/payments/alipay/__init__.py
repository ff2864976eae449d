"""Alipay, open platform: payment by page or QR code, mandates (周期扣款), refunds.

https://opendocs.alipay.com/open/270. Its own library for Python is synchronous and carries its cryptography with it.
"""
