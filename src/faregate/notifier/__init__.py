"""Telling people outside: letters by SMTP, signed webhooks to where they may go. It knows no account's books."""
