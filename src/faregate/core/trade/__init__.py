"""Trade: what accounts buy and pay for, as pure rules over the account's journal.

Owns orders, payments, agreements to renew, changes of plan, refunds, and the outbox of what must be asked of payment
providers. Talks to nobody: everything here reads a state and returns the next entries.
"""
