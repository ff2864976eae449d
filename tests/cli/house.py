"""Commands on a database of their own: running them, looking into the books, metering a request."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from faregate.app.ids import RequestIds
from faregate.bootstrap.house import open_house
from faregate.cli.main import main
from faregate.core.request import Admitted, Request
from faregate.core.usage import Usage
from faregate.planfile import Family, load_family
from faregate.ratecards import PriceBook, load_shipped
from faregate.store.sqlite.store import SqliteStore

CLEAN = {
    "LANG": "C",
    "LC_ALL": "",
    "LC_MESSAGES": "",
    "FAREGATE_LANG": "",
    "FAREGATE_TRACEBACK": "",
    "FAREGATE_DB": "",
    "TZ": "UTC",
}
MODEL = "anthropic/claude-sonnet-4"


@cache
def prices() -> PriceBook:
    return load_shipped()


@cache
def family(source: Path | str, *, file: str | None = None) -> Family:
    return load_family(source, file=file)


@dataclass(frozen=True)
class Database:
    """``run`` adds ``--db``; ``did`` also checks that it went well, and reads its JSON."""

    path: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def run(self, *words: str, language: str = "en") -> Result:
        return CliRunner().invoke(main, ["--lang", language, *words], env=CLEAN | {"FAREGATE_DB": self.url})

    def did(self, *words: str) -> Any:
        result = self.run(*words, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    def told(self, *words: str, language: str = "en") -> str:
        result = self.run(*words, language=language)
        assert result.exit_code == 0, result.stderr
        return result.stdout

    def books(self) -> tuple[Any, ...]:
        """Everything that a command which fails must leave alone."""
        store = SqliteStore.open(self.path)
        try:
            accounts = store.accounts()
            return (
                list(store.heads()),
                list(store.audit()),
                accounts,
                [store.keys_of(account.id) for account in accounts],
                store.schedule_changes(),
                store.admin_tokens(),
            )
        finally:
            store.close()

    def meter(self, account: str, close: str | None = "settle", usage: Usage | None = None) -> str:
        """One request of ``account``, its hold closed by ``close`` (None: left open). Gives its id."""
        return asyncio.run(self._meter(account, close, usage or Usage(input=100_000, output=20_000)))

    async def _meter(self, account: str, close: str | None, usage: Usage) -> str:
        house = open_house(self.url)
        await house.start()
        now, ledger = house.control.now(), house.ledger
        request = RequestIds(house.control.randomness).new(account, now)
        estimate = usage._replace(output=2 * usage.output)
        decision = await ledger.admit(account, Request(request, MODEL, estimate, "claude-code", "key_1"), now)
        assert isinstance(decision, Admitted)
        if close == "settle":
            await ledger.settle(account, request, usage, now, {"outcome": "ok", "upstream": "demo"})
        elif close == "release":
            await ledger.release(account, request, now, "connect_error")
        await house.close()
        return request
