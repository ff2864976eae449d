"""Looks at where an account's journal ends in a store that is slow: in threads, one at a time for each account."""

from __future__ import annotations

import asyncio

from faregate.app.store_port import Store


class HeadLooks:
    """Belongs to one event loop."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._under_way: dict[str, asyncio.Task[int]] = {}

    def look(self, account: str) -> asyncio.Task[int]:
        """The seq of the account's last entry; whoever asks while a look is under way shares it."""
        look = self._under_way.get(account)
        if look is None:
            look = asyncio.get_running_loop().create_task(asyncio.to_thread(self._store.head, account))
            self._under_way[account] = look
            look.add_done_callback(lambda _: self._under_way.pop(account, None))
        return look
