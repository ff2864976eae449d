"""The gate's part in the watch for sharing: what it shows of requests, and what it says on answers.

Owns when a request is shown and the notice of a flag. What is counted, and what a flag does, is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from faregate.app.sharing_signals import Sight
from faregate.callers.caller import Caller
from faregate.callers.facts import Conversation
from faregate.core.account import AccountState
from faregate.core.terms import SharingRule
from faregate.gate.sender import Network, sight_of, sight_of_tool_use
from faregate.wire.exchange import Exchange

NOTICE: Final = b"x-faregate-notice"


class Watch(Protocol):
    """Who counts signals and raises flags."""

    def rule_of(self, state: AccountState) -> tuple[str, SharingRule] | None:
        """Plan and rule by which an account is watched; None where it is not."""

    def note(self, state: AccountState, watched: tuple[str, SharingRule], sight: Sight, now: int) -> None:
        """Take in a request of that account."""


class Watching:
    """``proxies`` are those in front of the gate, whose word on addresses counts."""

    def __init__(self, watch: Watch | None) -> None:
        self.proxies: tuple[Network, ...] = ()
        self._watch = watch

    def look(
        self, exchange: Exchange, caller: Caller, conversation: Conversation, state: AccountState | None, now: int
    ) -> None:
        """Show a request of a watched account."""
        watched = self._watch.rule_of(state) if self._watch is not None and state is not None else None
        if self._watch is None or state is None or watched is None:
            return
        peer = exchange.peer_address[0]
        sight = sight_of(peer, exchange.headers, caller, conversation.user_id, self.proxies)
        self._watch.note(state, watched, sight, now)

    def look_at_tool_use(self, peer: str, headers: Mapping[bytes, bytes], state: AccountState, now: int) -> None:
        """Show a use of a tool over MCP of a watched account."""
        watched = self._watch.rule_of(state) if self._watch is not None else None
        if self._watch is not None and watched is not None:
            self._watch.note(state, watched, sight_of_tool_use(peer, headers, self.proxies), now)


def notice_of(state: AccountState) -> bytes:
    """A header line for each flag that warns its account's owner; nothing where there is none."""
    return b"".join(b"%b: %b\r\n" % (NOTICE, said) for said in notices_of(state))


def notices_of(state: AccountState) -> list[bytes]:
    """What each flag says that warns its account's owner."""
    return [
        b"flag %b: more %b than one person's use of %b; under review"
        % (flag.id.encode(), flag.signal.encode(), flag.plan.encode())
        for flag in state.flags.values()
        if flag.in_force and flag.action != "none"
    ]
