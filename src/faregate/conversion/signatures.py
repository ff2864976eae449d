"""Signatures of thoughts: whose they are, so that each model gets back only what it thought itself.

Owns the marks. A signature is opaque to everybody but the upstream that made it; sent to another one it would be an
error, so a thought of another upstream is left out of what goes there.
"""

from __future__ import annotations

from typing import Final

OF_CHAT: Final = "faregate.chat"
"""A thought that came as plain ``reasoning_content``: it has no signature, and goes back as such."""

OF_RESPONSES: Final = "rs_"
"""How ids of reasoning items begin; the signature is the id, a full stop and the encrypted content."""

OF_GOOGLE: Final = "gemini:"
"""Before a ``thoughtSignature``."""

UNSIGNED_BY_GOOGLE: Final = "skip_thought_signature_validator"
"""What Google has stand on a function call whose signature nobody has (any more): without one its newer models refuse
the whole conversation. Its documentation (ai.google.dev/gemini-api/docs/thought-signatures, the questions at the end)
gives it as the last resort for calls that another model made, and says that the model may then do worse; so only the
first call of a round bears it, and only where there is no real one."""

CARRIED_BY_RESPONSES: Final = "faregate:"
"""Before the signature of another dialect, where a client of Responses keeps it as encrypted content."""


def of_messages(signature: str) -> bool:
    """Whether an upstream of Messages made it."""
    return bool(signature) and signature != OF_CHAT and not signature.startswith((OF_RESPONSES, OF_GOOGLE))


def of_responses(signature: str) -> bool:
    """Whether an upstream of Responses made it."""
    return signature.startswith(OF_RESPONSES)


def of_google(signature: str) -> bool:
    """Whether an upstream of Google made it."""
    return signature.startswith(OF_GOOGLE)


def item_signature(id: str, encrypted: str) -> str:
    """The signature of a reasoning item."""
    if encrypted.startswith(CARRIED_BY_RESPONSES):
        return encrypted.removeprefix(CARRIED_BY_RESPONSES)
    if not encrypted:
        return ""
    return f"{id if id.startswith(OF_RESPONSES) else OF_RESPONSES + id}.{encrypted}"


def item_parts(signature: str) -> tuple[str, str]:
    """(id, encrypted content) of a signature that ``of_responses`` knows."""
    id, _, encrypted = signature.partition(".")
    return id, encrypted
