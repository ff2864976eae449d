"""The control plane: everything an operator's door needs, in one value.

Owns the bundle of office, views, keyring, publishing and clock that the API and the command line share. Decides
nothing itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import Any, Protocol

from faregate.app.analysis import Analysis
from faregate.app.audit import Audit
from faregate.app.catalogue_port import AdminToken
from faregate.app.comparison_port import AskComparison, no_comparison
from faregate.app.display import Display
from faregate.app.flag_review import FlagReview
from faregate.app.front import Front, Mail
from faregate.app.identities import Identities
from faregate.app.ids import ADMIN_PREFIX, Randomness, new_key_id, new_secret, shown_part
from faregate.app.impact_port import AskImpact, no_impact
from faregate.app.key_desk import KeyDesk
from faregate.app.keyring import Keyring
from faregate.app.ledger import Ledger
from faregate.app.listeners import Listeners
from faregate.app.notices import Notices
from faregate.app.office import Office
from faregate.app.office_errors import PayerUnknown
from faregate.app.paperwork import Paper, Paperwork
from faregate.app.parties import Parties
from faregate.app.passkeys import Passkeys
from faregate.app.payments_port import Acknowledgement, PaymentProvider
from faregate.app.plan_changes import Named, current_version, differences, version_named
from faregate.app.previewing import preview
from faregate.app.pricing import Months, no_months
from faregate.app.promotions import Promotions
from faregate.app.publishing import PlanText, Publishing
from faregate.app.receipts import Write, first_answer, receipt_of
from faregate.app.shop import Shop
from faregate.app.store_port import Store
from faregate.app.studio import Studio
from faregate.app.till import Till
from faregate.app.users import Users
from faregate.app.views import Views
from faregate.core.amounts import decimal_text
from faregate.core.instants import render_instant
from faregate.core.sale import Cohort, sold_at
from faregate.planfile import Plan, explain_in_words, load_family


class MovableClock(Protocol):
    """A clock for tests, which an operator moves forward."""

    shifts: dict[str, int]

    def forward(self, microseconds: int, account: str | None = None) -> None:
        """Move on, for one account or for all."""

    def of(self, account: str | None) -> int:
        """What time it is for ``account``, or for all, microseconds UTC."""


Webhook = Callable[[str, Mapping[str, str], bytes], Awaitable[Acknowledgement]]
"""(payment provider, headers in lower case, body) -> what to answer. Raises WebhookRefused, PayerUnknown."""


class Control:
    """``now`` gives microseconds UTC."""

    def __init__(
        self,
        ledger: Ledger,
        keyring: Keyring,
        publishing: Publishing,
        now: Callable[[], int],
        randomness: Randomness,
    ) -> None:
        self.ledger = ledger
        self.store: Store = ledger.store
        self.keyring = keyring
        self.publishing = publishing
        self.now = now
        self.randomness = randomness
        self.office = Office(ledger, randomness)
        self.keys = KeyDesk(ledger, self.office, randomness)
        self.views = Views(ledger)
        self.flags = FlagReview(ledger, self.office)
        self.till = Till(ledger)
        self.payers: dict[str, PaymentProvider] = {}
        """Payment providers by name; none where nothing is sold."""
        self.promotions = Promotions(self.till, randomness)
        self.shop = Shop(self.till, self.payers, self.promotions)
        self.webhook: Webhook = _no_webhooks
        self.studio = Studio(self.store, self.views.explain, randomness)
        self.test_clock: MovableClock | None = None
        self.users = Users(self.store, self.office, randomness)
        self.identities = Identities(self.store, self.users, randomness)
        self.passkeys = Passkeys(self.store, randomness)
        self.front = Front()
        self.mail: Mail | None = None
        self.notices = Notices(self.store, randomness)
        self.analysis = Analysis(ledger)
        self.listeners = Listeners()
        self.priced: tuple[object, bytes] | None = None
        """The price list as it was last made, and for when."""
        self.months: Months = no_months
        self.model_names: Callable[[], list[str]] = list
        """Names of models that clients may ask for."""
        self.audit = Audit(self.store, randomness)
        self.parties = Parties(self.store)
        self.paperwork = Paperwork(ledger, self.parties, self._display)
        self.paper: Paper = _no_paper
        """Makes PDF of documents."""
        self.impact: AskImpact = no_impact
        self.compare: AskComparison = no_comparison
        """Replays the journal's traffic under a plan file."""
        self.began_at = now()
        self.workers: Callable[[], list[int]] = list
        """Numbers of the processes that serve the store beside each other; none where only one may."""
        self.upstreams: Callable[[], dict[str, Any]] = _no_upstreams
        """How the upstreams are, as plain data; none where no gate runs in this process."""
        ledger.follow_plans_with(self.follow)

    def _display(self, currency: str) -> Display:
        return Display(currency, lambda base, quote, at: self.publishing.conversion(base, quote, at).rate)

    def families(self) -> list[str]:
        """Families with a plan on sale now that are sold to customers."""
        sold = dict.fromkeys(row["plan"].partition("/")[0] for row in self.plans())
        return [family for family in sold if self.front.sells(family)]

    def plans(self) -> list[dict[str, Any]]:
        """The plans on sale now, briefly, each in the version sold."""
        shelf, now = self.ledger.shelf, self.now()
        rows = [(plan.id, sold_at(shelf.versions(plan.id), now)) for plan in shelf.catalogue]
        return [self._plan(shelf.plan(f"{id}@{row.terms.version}")) for id, row in rows if row is not None]

    def plan(self, name: str) -> dict[str, Any]:
        """One plan in words, in the version sold now where none is named (the last one where none is sold).

        Raises UnknownPlan.
        """
        shelf, now = self.ledger.shelf, self.now()
        row = sold_at(shelf.versions(name), now)
        family, plan = shelf.catalogue.entry(name if row is None else f"{name}@{row.terms.version}")
        words = {"en": explain_in_words(family, plan, "en", now), "zh": explain_in_words(family, plan, "zh", now)}
        return {**self._plan(plan), "words": words}

    def versions(self, plan: str) -> dict[str, Any]:
        """Every version of ``family/plan``, with when it is sold and who keeps it. Raises UnknownPlan."""
        shelf, now = self.ledger.shelf, self.now()
        rows = shelf.versions(shelf.plan(plan).id)
        sold = sold_at(rows, now)
        return {
            "plan": plan,
            "versions": [
                {
                    **self._plan(shelf.plan(f"{plan}@{row.terms.version}")),
                    "sold": row is sold,
                    "sold_since": render_instant(row.since) if row.since else None,
                    "sold_until": render_instant(row.until) if row.until is not None else None,
                    "cohort": _cohort(row.cohort),
                    "former": _cohort(row.former),
                }
                for row in rows
            ],
        }

    def preview(self, document: str) -> dict[str, Any]:
        """What publishing the plan file ``document`` would do to running subscriptions; writes nothing.

        Raises PlanFileError, VersionTaken, UnitChanged. May take long: for a thread of its own.
        """
        family, now = load_family(document, file="document"), self.now()
        proposed = self.publishing.shelf([family], now)
        return preview(self.store, self.ledger.shelf, proposed, family, now)

    def diff(self, document: str, against: str | None) -> dict[str, Any]:
        """What differs between the plan file ``document`` and ``against``, ``family[/plan][@version]`` (the current
        version of its family when None, where there is one).

        Raises PlanFileError, UnknownPlan, TwoFamilies. May take long: for a thread of its own.
        """
        family, shelf = load_family(document, file="document"), self.ledger.shelf
        old = current_version(shelf, family.id) if against is None else version_named(shelf, against)
        return differences(old, Named(family, None), self.now())

    def publish(self, document: str) -> list[str]:
        """Publish the plan file ``document``; returns the versions that are new. Raises as ``preview``."""
        published = self.publishing.publish([PlanText(document, load_family(document, file="document"))], self.now())
        self.follow()
        return published

    def _plan(self, plan: Plan) -> dict[str, Any]:
        return {
            "plan": plan.id,
            "version": plan.terms.version,
            "names": {"en": plan.names.en, "zh": plan.names.zh},
            "wallet": plan.terms.wallet,
            "prices": [
                {
                    "id": price.id,
                    "amount": decimal_text(price.amount),
                    "currency": price.currency,
                    "period": price.period,
                    "renews": price.renews,
                }
                for price in plan.prices
            ],
        }

    def change_multiplier(
        self, plan: str, name: str | None, value: str, begins: int | None, write: Write
    ) -> dict[str, Any]:
        """Change a plan's multiplier schedule from ``begins`` (now when None) on; see ``Publishing``."""
        start = write.now if begins is None else begins
        body = {"plan": plan, "name": name, "value": value, "begins": begins}
        if (answer := first_answer(self.store, "multiplier", write, body)) is not None:
            return answer
        self.publishing.change_schedule(self.ledger.shelf, plan, name, value, start, write.now)
        self.follow_market()
        done = {"plan": plan, "value": value, "begins": render_instant(start)}
        self.store.add_receipt(receipt_of("multiplier", write, body, done))
        return done

    def multiplier_changes(self) -> list[dict[str, Any]]:
        """Every change made so far."""
        return [
            {
                "plan": row.plan,
                "name": row.name,
                "begins": render_instant(row.from_at),
                "value": row.value,
                "written_at": render_instant(row.written_at),
            }
            for row in self.store.schedule_changes()
        ]

    def follow_market(self) -> None:
        """Take in multiplier changes that any process wrote."""
        shelf = self.ledger.shelf
        shelf.market = self.publishing.market(shelf.market)

    def follow(self) -> None:
        """Take in whatever another process wrote: keys, plans, multiplier changes."""
        self.keyring.follow()
        self.ledger.shelf = self.publishing.shelf()

    def new_admin_token(self, name: str) -> str:
        """A new admin token, shown this once; only its hash is stored."""
        secret = new_secret(self.randomness, ADMIN_PREFIX)
        digest = sha256(secret.encode()).digest()
        token = AdminToken(new_key_id(self.randomness), name, shown_part(secret), digest, self.now())
        self.store.add_admin_token(token)
        return secret


def _cohort(cohort: Cohort | None) -> dict[str, Any] | None:
    if cohort is None:
        return None
    before = cohort.bought_before
    return {"keep": cohort.keep, "bought_before": render_instant(before) if before is not None else None}


async def _no_webhooks(payer: str, headers: Mapping[str, str], body: bytes) -> Acknowledgement:
    raise PayerUnknown(payer, [])


def _no_paper(view: Mapping[str, Any], language: str) -> bytes:
    raise RuntimeError("no paper is made in this process")


def _no_upstreams() -> dict[str, Any]:
    return {"upstreams": [], "counters": {}}
