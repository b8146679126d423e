"""Releases of the past, from their request to their end, as the actions wrote them down."""

from __future__ import annotations

from django.utils import timezone

from releases.actions.promote import told
from releases.audit import record
from releases.models import Decision, Intake, Release, StepName, Verdict
from releases.states import Gate, ReleaseState
from sandbox.demo_data.intakes import bring_in
from sandbox.demo_data.steps import Steps
from sandbox.demo_data.worked import Worked

CHANGES = "https://code.example.com/shop/{name}/changes/{number}"
_S = ReleaseState


class Telling(Worked):
    """What people did, and when the worker came in between."""

    def tell(self) -> None:
        self.clock.to(self.planned.requested_at)
        self._request()
        self.steps = Steps(self.release, self.clock, self.chance)
        self.check()
        stage_first = self.release.gate == Gate.STAGE_FIRST
        if stage_first:
            self.move(_S.STAGING)
            self.stage()
        self.move(_S.AWAITING_APPROVAL, required=self.function.rules.who)
        if self.past.ends != _S.RELEASED:
            self._withdraw()
            return
        self._approve()
        if not stage_first:
            self.move(_S.STAGING)
            self.stage()
        self.move(_S.PUBLISHING)
        self.publish()
        self.shift()

    def _request(self) -> None:
        past, by = self.past, self.people[self.past.by]
        record("person.signed_in", by=by, origin=self.people.origin(past.by))
        self.clock.forward(95)
        intake: Intake | None = None
        source = self._source()
        if source:
            intake = source.intake
        elif not past.as_it_stands:
            intake = bring_in(
                self.function,
                self.planned.code,
                by=by,
                origin=self.people.origin(past.by),
                chance=self.chance,
            )
            self.clock.forward(9)
        self.artifact = intake.artifact if intake else None
        self.intake = intake
        origin = self.people.origin(past.by)
        change = CHANGES.format(name=self.function.name, number=past.change)
        commit = source.git_commit if source else f"{self.chance.getrandbits(160):040x}"
        self.release = Release.objects.create(
            pk=self.planned.number,
            function=self.function,
            artifact=self.artifact,
            intake=self.intake,
            state=past.ends,
            gate=self.function.gate,
            target_alias=self.function.live_alias,
            creates_alias=self.function.creates_alias,
            description=past.text,
            git_commit=commit if past.change else "",
            change_url=change if past.change else "",
            warnings=intake.warnings if intake else [],
            requested_by=by,
            promoted_from=source,
            version_number=self.planned.version,
            enqueued_at=timezone.now(),
        )
        code_sha256 = self.artifact.code_sha256 if self.artifact else ""
        if source:
            told(source, self.release, code_sha256, by=by, origin=origin)
            return
        record(
            "release.requested",
            by=by,
            origin=origin,
            release=self.release,
            what=intake.label if intake else "$LATEST as it stands",
            code_sha256=code_sha256,
            description=past.text,
        )

    def _source(self) -> Release | None:
        """The release that this one promotes."""
        environment, _, name = self.past.promotes.partition("/")
        rows = Release.objects.select_related("function__environment", "intake__artifact")
        return rows.filter(
            function__environment__name=environment, function__name=name, description=self.past.text
        ).first()

    def _approve(self) -> None:
        required = self.round.rules.total
        for count, (name, seconds) in enumerate(
            zip(self.past.deciders, self.planned.reviews, strict=True), 1
        ):
            self._decide(name, seconds, Verdict.APPROVE, self.past.note if count == 1 else "")
            record(
                "release.approval_given",
                by=self.people[name],
                origin=self.people.origin(name),
                release=self.release,
                count=count,
                required=required,
                fingerprint=self.round.fingerprint,
                note=self.past.note if count == 1 else "",
            )
        self.move(_S.APPROVED)

    def _decide(self, name: str, seconds: float, verdict: Verdict, reason: str) -> None:
        self.clock.forward(seconds)
        record("person.signed_in", by=self.people[name], origin=self.people.origin(name))
        self.clock.forward(2)
        Decision.objects.create(
            round=self.round,
            person=self.people[name],
            role=self.people[name].role,
            verdict=verdict,
            fingerprint=self.round.fingerprint,
            reason=reason,
        )

    def _withdraw(self) -> None:
        past, name = self.past, (self.past.deciders or (self.past.by,))[0]
        if past.ends == _S.REJECTED:
            self._decide(name, self.planned.reviews[0], Verdict.REJECT, past.note)
        else:
            self.clock.forward(self.planned.reviews[0])
        self.move(_S.WITHDRAWING, by=name, reason=past.note, ends_as=past.ends)
        with self.steps.step(StepName.WITHDRAW, "nothing had been staged", []):
            pass
        self.move(past.ends, reason=past.note)
        self.end(ends_as=past.ends, ends_because=past.note)
