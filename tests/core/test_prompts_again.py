"""A prompt sent again counts once, in a plan's windows and in what was used, whatever counts calls under it."""

from __future__ import annotations

from faregate.core.account import AccountState
from faregate.core.commands import subscribe
from faregate.core.decide import decide
from faregate.core.evolve import evolve
from faregate.core.market import Market
from faregate.core.request import Admitted, Request
from faregate.core.resent import KEPT_PROMPTS
from faregate.core.settle import release, settle
from faregate.core.snapshot import from_data, to_data
from faregate.core.terms import SourceTerms, Terms, WindowTerms, unit_meter
from faregate.core.usage import Usage

NOW = 1_800_000_000_000_000
WINDOW = WindowTerms("all", "lifetime", 1_000_000_000, "prompt")
PLAN = Terms("fam/plan", "1", windows=(WINDOW,), sources=(SourceTerms("s", unit_meter("prompt"), windows=("all",)),))
USED = Usage(input=10, requests=1, prompts=1)


class Asked:
    """An account whose plan counts prompts, with no bound of calls under one."""

    def __init__(self) -> None:
        self.state = AccountState("acc_1")
        for entry in subscribe(self.state, PLAN, NOW, "buy"):
            evolve(self.state, entry, self.plans)

    def plans(self, plan: str, version: str) -> Terms:
        return PLAN

    def hold(self, name: str, prompt: str) -> None:
        outcome = decide(self.state, Request(name, "m", USED, session="s", prompt=prompt), NOW, Market())
        assert isinstance(outcome, Admitted)
        evolve(self.state, outcome.entry, self.plans)

    def settled(self, name: str) -> int:
        entry = settle(self.state, name, USED, NOW, Market())
        evolve(self.state, entry, self.plans)
        return int(Usage(*entry.data["usage"]).prompts)

    @property
    def counted(self) -> int:
        return self.state.windows["fam/plan#1:all"].used // 1000


def test_a_prompt_sent_again_counts_once_and_each_generation_is_charged() -> None:
    asked = Asked()
    for name in ("first", "again"):
        asked.hold(name, "p")
    assert [asked.settled(name) for name in ("first", "again")] == [1, 0]
    asked.hold("other", "q")
    assert asked.settled("other") == 1
    assert asked.counted == 2


def test_a_prompt_that_came_to_nothing_counts_when_it_comes_again() -> None:
    asked = Asked()
    asked.hold("first", "p")
    evolve(asked.state, release(asked.state, "first", NOW, "upstream_error"), asked.plans)
    asked.hold("again", "p")
    assert asked.settled("again") == 1
    assert asked.counted == 1


def test_what_is_remembered_of_prompts_is_bounded_and_survives_a_snapshot() -> None:
    asked = Asked()
    for number in range(KEPT_PROMPTS + 5):
        asked.hold(f"r{number}", f"p{number}")
        asked.settled(f"r{number}")
    assert len(asked.state.prompts) == KEPT_PROMPTS
    data = to_data(asked.state)
    assert to_data(from_data(data, asked.plans)) == data
