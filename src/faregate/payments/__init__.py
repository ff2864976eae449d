"""Payment providers: collecting and returning money over their own protocols.

Owns the adapters behind ``app.payments_port``, one folder each with the same file names: ``settings`` (what an
operator says), ``calls`` (requests, signed and checked), ``facts`` (their words as ours), ``webhook`` (verified, then
read) and ``adapter`` (the port). Knows no orders but those it is given, no plans, no journal.
"""
