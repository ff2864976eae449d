"""WeChat Pay, API v3, for a merchant of its own: payment by QR code, mandates (委托代扣), refunds.

https://pay.weixin.qq.com/doc/v3/merchant/. Its libraries for Python are not its own.
"""
