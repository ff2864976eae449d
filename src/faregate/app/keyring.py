"""The keyring: API keys in memory, looked up by the hash of their secret.

Owns authentication and the noting of last uses. Follows the catalogue, so that a key made or revoked by any process
counts here as soon as the catalogue is asked again (several times a second). Stores no secret.
"""

from __future__ import annotations

from hashlib import sha256

from faregate.app.catalogue_port import ApiKey, Catalogue


class Keyring:
    """Call ``follow`` once before use and again whenever the store changed."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._by_hash: dict[bytes, ApiKey] = {}
        self._revision = 0
        self._used: dict[str, int] = {}

    def authenticate(self, secret: bytes, now: int) -> ApiKey | None:
        """The live key of that secret, its use noted, or None."""
        key = self._by_hash.get(sha256(secret).digest())
        if key is not None:
            self._used[key.id] = now
        return key

    def follow(self) -> None:
        """Take in keys that were made or revoked since the last time."""
        while True:
            self._revision, changed = self._catalogue.keys_changed(self._revision)
            for key in changed:
                if key.revoked_at is None:
                    self._by_hash[key.hash] = key
                else:
                    self._by_hash.pop(key.hash, None)
            if not changed:
                return

    def admit_guest(self, key: ApiKey) -> None:
        """A key that lives in this process alone: it is written nowhere, and gone with it."""
        self._by_hash[key.hash] = key

    def note_uses(self) -> None:
        """Write the last uses noted since the last call."""
        used, self._used = self._used, {}
        if used:
            self._catalogue.touch_keys(used)
