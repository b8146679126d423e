"""What is under way today, done for real: by the actions, the worker, and AWS's refusals."""

from __future__ import annotations

from datetime import datetime

from releases.actions.approve_policy_change import approve_policy_change
from releases.actions.change_policy import change_policy
from releases.actions.create_release import create_release
from releases.errors import NotAllowed
from releases.models import Drift
from releases.pipeline.poll import poll
from releases.pipeline.trace import trace
from releases.rules import Rules
from sandbox.demo_data import cloud
from sandbox.demo_data.outside import client_of
from sandbox.demo_data.stops import Stops

STORAGE_FULL = {
    "operation": "UpdateFunctionCode",
    "action": "error",
    "status": 400,
    "code": "CodeStorageExceededException",
    "message": "Code storage limit exceeded.",
}


class Present(Stops):
    """The last two days. Each method is one thing that happened, in the order of `tell`."""

    def tell(self) -> None:
        self._freeze(self.ago(hours=27))
        self._conflict(self.ago(hours=26))
        self._rolled_back(self.ago(hours=25))
        self._failure(self.ago(hours=5))
        self._queued(self.ago(hours=3))
        self._staged(self.ago(hours=2))
        self._drift(self.ago(minutes=95))
        self._half_approved(self.ago(minutes=70))
        self._refused_package(self.ago(minutes=55))
        self._looser_policy(self.ago(minutes=45))
        self._by_a_manager(self.ago(minutes=34))
        self._fix(self.ago(minutes=26))
        self._needs_a_second(self.ago(minutes=18))
        self._draft(self.ago(minutes=12))

    # --- what happened ----------------------------------------------------------
    def _conflict(self, at: datetime) -> None:
        release = self.request(at, "production/session-cleanup", "Warn before a session ends")
        self.approve(release, "manager", 41)
        known = self.functions["production/session-cleanup"]
        client = client_of("kim", known.demo.place)
        client.update_function_configuration(FunctionName=known.demo.name, MemorySize=512)
        theirs = known.planned.code("Print what is removed")
        client.update_function_code(FunctionName=known.demo.name, ZipFile=theirs.zipped)
        self.work(release)
        trace(known.row)

    def _failure(self, at: datetime) -> None:
        release = self.request(
            at, "production/invoice-renderer", "Translate credit notes", "second-developer"
        )
        where = self.functions["production/invoice-renderer"].demo.place.target
        fault = STORAGE_FULL | {"function": "invoice-renderer"} | where
        cloud.ask("POST", "faults", fault)
        self.approve(release, "second-manager", 22, "Samples look right.")
        self.work(release)

    def _queued(self, at: datetime) -> None:
        name, text = "production/session-cleanup", "Count sessions by Region"
        self.request(at, name, text, "second-developer", stays=True)

    def _staged(self, at: datetime) -> None:
        self.request(at, "production/payment-webhook", "Answer disputes", change=461)

    def _drift(self, at: datetime) -> None:
        """Somebody went around Sluice, and a sync found it."""
        self.clock.to(at)
        known = self.functions["production/image-resizer"]
        client = client_of("terraform", known.demo.place)
        client.update_function_configuration(
            FunctionName=known.demo.name, MemorySize=3008, Timeout=60
        )
        self.clock.forward(140)
        poll(known.row.pk)
        # Its default asks the real clock.
        Drift.objects.open().filter(function=known.row).update(found_at=self.clock.now)

    def _half_approved(self, at: datetime) -> None:
        release = self.request(
            at, "production/checkout-api", "Split orders by warehouse", change=466
        )
        self.approve(release, "second-manager", 5, "Load test was fine.")
        self._discuss(release)

    def _refused_package(self, at: datetime) -> None:
        self.bring_in(at, "production/order-events", b"PK is how a zip begins, not this.")

    def _looser_policy(self, at: datetime) -> None:
        """Proposed, and approved by one of the three whom the present policy asks."""
        self.clock.to(at)
        change = change_policy(
            self.functions["production/checkout-api"].row,
            Rules(managers=2, rollback=2),
            by=self.people["admin"],
            origin=self.people.origin("admin"),
            reason="Security reviews the shared layer instead, from this month on.",
        )
        self.clock.forward(240)
        if change:
            by, origin = self.people["second-manager"], self.people.origin("second-manager")
            approve_policy_change(change, by=by, origin=origin)

    def _by_a_manager(self, at: datetime) -> None:
        """Nobody approves what they asked for, and trying to is in the history."""
        release = self.request(
            at,
            "staging/newsletter-sender",
            "Unsubscribe with one click",
            "manager",
            change=470,
            extra={"lib/.DS_Store": "\n"},
        )
        self.clock.forward(50)
        try:
            self.approve(release, "manager", 1)
        except NotAllowed:
            return

    def _draft(self, at: datetime) -> None:
        name = "development/report-builder"
        known = self.functions[name]
        taken = self.bring_in(at, name, known.planned.code("Reports by Region").zipped)
        self.clock.forward(30)
        create_release(
            function=known.row,
            intake=taken,
            by=self.people["developer"],
            origin=self.people.origin("developer"),
            description="Reports by Region",
            as_draft=True,
        )
