"""What is under way today, done for real: by the actions, the worker, and AWS's refusals."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from releases.actions.approve import approve
from releases.actions.approve_policy_change import approve_policy_change
from releases.actions.change_policy import change_policy
from releases.actions.create_release import create_release
from releases.actions.receive_upload import receive_upload
from releases.audit import record
from releases.aws.client import client_for
from releases.errors import NotAllowed
from releases.models import Intake, Release
from releases.pipeline import engine, intake
from releases.pipeline.poll import poll
from releases.rules import Rules
from sandbox.demo_data import cloud
from sandbox.demo_data.adoption import Known
from sandbox.demo_data.clock import Clock
from sandbox.demo_data.people import People

STORAGE_FULL = {
    "operation": "UpdateFunctionCode",
    "action": "error",
    "status": 400,
    "code": "CodeStorageExceededException",
    "message": "Code storage limit exceeded.",
}


@dataclass
class Present:
    """The last two days. Each method is one thing that happened, in the order of `tell`."""

    functions: Mapping[str, Known]
    people: People
    clock: Clock
    now: datetime

    def tell(self) -> None:
        self._conflict(self._ago(hours=26))
        self._failure(self._ago(hours=5))
        self._queued(self._ago(hours=3))
        self._staged(self._ago(hours=2))
        self._drift(self._ago(minutes=95))
        self._half_approved(self._ago(minutes=70))
        self._refused_package(self._ago(minutes=55))
        self._looser_policy(self._ago(minutes=45))
        self._by_a_manager(self._ago(minutes=34))
        self._draft(self._ago(minutes=12))

    def _ago(self, **how_long: float) -> datetime:
        return self.now - timedelta(**how_long)

    # --- what happened ----------------------------------------------------------
    def _conflict(self, at: datetime) -> None:
        release = self._request(at, "production/session-cleanup", "Warn before a session ends")
        self._approve(release, "manager", 41)
        known = self.functions["production/session-cleanup"]
        client = client_for(known.row.environment.target, "lambda", is_write=True)
        client.update_function_configuration(FunctionName=known.demo.name, MemorySize=512)
        theirs = known.planned.code("Print what is removed")
        client.update_function_code(FunctionName=known.demo.name, ZipFile=theirs.zipped)
        self._work(release)

    def _failure(self, at: datetime) -> None:
        release = self._request(
            at, "production/invoice-renderer", "Translate credit notes", "second-developer"
        )
        where = self.functions["production/invoice-renderer"].demo.place.target
        fault = STORAGE_FULL | {"function": "invoice-renderer"} | where
        cloud.ask("POST", "faults", fault)
        self._approve(release, "second-manager", 22, "Samples look right.")
        self._work(release)

    def _queued(self, at: datetime) -> None:
        name, text = "production/session-cleanup", "Count sessions by Region"
        self._request(at, name, text, "second-developer", stays=True)

    def _staged(self, at: datetime) -> None:
        self._request(at, "production/payment-webhook", "Answer disputes", change=461)

    def _drift(self, at: datetime) -> None:
        """Somebody went around Sluice, and a sync found it."""
        self.clock.to(at)
        known = self.functions["production/image-resizer"]
        client = client_for(known.row.environment.target, "lambda", is_write=True)
        client.update_function_configuration(
            FunctionName=known.demo.name, MemorySize=3008, Timeout=60
        )
        self.clock.forward(140)
        poll(known.row.pk)

    def _half_approved(self, at: datetime) -> None:
        release = self._request(
            at, "production/checkout-api", "Split orders by warehouse", change=466
        )
        self._approve(release, "second-manager", 19, "Load test was fine.")

    def _refused_package(self, at: datetime) -> None:
        self._bring_in(at, "production/order-events", b"PK is how a zip begins, not this.")

    def _looser_policy(self, at: datetime) -> None:
        """Proposed, and approved by one of the three whom the present policy asks."""
        self.clock.to(at)
        change = change_policy(
            self.functions["production/checkout-api"].row,
            Rules(managers=2),
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
        release = self._request(
            at,
            "staging/newsletter-sender",
            "Unsubscribe with one click",
            "manager",
            change=470,
            extra={"lib/.DS_Store": "\n"},
        )
        self.clock.forward(50)
        try:
            self._approve(release, "manager", 1)
        except NotAllowed:
            return

    def _draft(self, at: datetime) -> None:
        name = "development/report-builder"
        known = self.functions[name]
        taken = self._bring_in(at, name, known.planned.code("Reports by Region").zipped)
        self.clock.forward(30)
        create_release(
            function=known.row,
            intake=taken,
            by=self.people["developer"],
            origin=self.people.origin("developer"),
            description="Reports by Region",
            as_draft=True,
        )

    # --- how ----------------------------------------------------------------------
    def _bring_in(self, at: datetime, name: str, content: bytes, by: str = "developer") -> Intake:
        self.clock.to(at)
        known, origin = self.functions[name], self.people.origin(by)
        record("person.signed_in", by=self.people[by], origin=origin)
        self.clock.forward(95)
        taken = receive_upload(
            function=known.row,
            stream_chunks=[content],
            name=f"{known.demo.name}.zip",
            by=self.people[by],
            origin=origin,
        )
        intake.read(str(taken.pk))
        taken.refresh_from_db()
        return taken

    def _request(
        self,
        at: datetime,
        name: str,
        text: str,
        by: str = "developer",
        *,
        change: int = 0,
        stays: bool = False,
        extra: Mapping[str, str] | None = None,
    ) -> Release:
        """Up to its gate; with `stays` it is only put into the queue."""
        known = self.functions[name]
        taken = self._bring_in(at, name, known.planned.code(text, extra=extra).zipped, by)
        self.clock.forward(30)
        release = create_release(
            function=known.row,
            intake=taken,
            by=self.people[by],
            origin=self.people.origin(by),
            description=text,
            change_url=f"https://code.example.com/shop/{known.demo.name}/changes/{change}"
            if change
            else "",
        )
        return release if stays else self._work(release)

    def _approve(self, release: Release, by: str, minutes: float, note: str = "") -> None:
        self.clock.forward(minutes * 60)
        release.refresh_from_db()
        round_ = release.current_round
        approve(
            release,
            by=self.people[by],
            origin=self.people.origin(by),
            fingerprint=round_.fingerprint if round_ else "",
            note=note,
        )

    def _work(self, release: Release) -> Release:
        """What a worker does when it finds the release's job."""
        self.clock.uneven = random.Random(release.pk)  # noqa: S311 - the same every time
        engine.advance(release.pk)
        self.clock.uneven = None
        release.refresh_from_db()
        return release
