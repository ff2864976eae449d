"""Prompts sent again: a client that repeats itself (a retry, its own fallback) asks one prompt, not two.

Owns the account's memory of prompts asked of late. Each generation that ran is charged all the same; what is counted
once is the prompt. Does not know how prompts are told apart: equal keys are one prompt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from faregate.core.request import Request

if TYPE_CHECKING:
    from faregate.core.account import AccountState

KEPT_PROMPTS = 64


def is_again(state: AccountState, request: Request) -> bool:
    """Whether ``request`` asks a prompt that was counted for another."""
    return request[6] in state.prompts and request[2][8] != 0


def ask_by(state: AccountState, request: Request) -> None:
    """Remember the prompt that ``request`` asks, if it asks one that has a key."""
    if request[6] and request[2][8]:
        ask(state, request[6], request[0])


def ask(state: AccountState, prompt: str, request: str) -> None:
    """``request`` was counted for ``prompt``."""
    prompts = state.prompts
    prompts[prompt] = request
    if len(prompts) > KEPT_PROMPTS:
        del prompts[next(iter(prompts))]


def unask(state: AccountState, prompt: str, request: str) -> None:
    """``request`` came to nothing: the next one that asks ``prompt`` counts."""
    if state.prompts.get(prompt) == request:
        del state.prompts[prompt]
