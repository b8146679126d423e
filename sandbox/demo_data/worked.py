"""What the worker did for a release of the past: its steps, from the check to the end."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from django.utils import timezone

from releases.actions.gate import opened_for
from releases.audit import record
from releases.aws.types import LATEST, FunctionState
from releases.fingerprint import baseline, digest, parts
from releases.models import Artifact, Release, Round, Snapshot, StepName
from releases.models.policies import columns
from releases.states import ReleaseState
from sandbox.demo_data.adoption import Known
from sandbox.demo_data.clock import Clock
from sandbox.demo_data.people import People
from sandbox.demo_data.plan import PlannedRelease
from sandbox.demo_data.steps import Steps


class Worked:
    """A release and its function; `known` is moved on when the release is."""

    release: Release
    steps: Steps
    artifact: Artifact | None

    def __init__(
        self,
        planned: PlannedRelease,
        known: Known,
        people: People,
        clock: Clock,
        chance: random.Random,
    ) -> None:
        self.planned, self.past, self.known = planned, planned.past, known
        self.people, self.clock, self.chance = people, clock, chance
        self.function = known.row
        self.state = ReleaseState.QUEUED

    def move(self, to: ReleaseState, *, by: str = "", **said: Any) -> None:
        person = self.people[by] if by else None
        origin = self.people.origin(by) if by else None
        said = {"was": self.state.value} | said
        record(f"release.{to}", by=person, origin=origin, release=self.release, **said)
        self.state = to

    def check(self) -> None:
        release, steps = self.release, self.steps
        self.latest = self.known.latest_then(steps.id(), changed=self.past.as_it_stands)
        alias = self.known.alias_then(steps.id())
        live = self.known.state_of(int(alias.version)) if alias else None
        base = baseline(release, alias, live, self.latest)
        these = parts(release, self.latest, base, rules=self.function.rules)
        calls = steps.reads(release.target_alias, alias.version if alias else "")
        detail = "no dry run was made"
        if self.artifact:
            calls.append(steps.update_code(self.artifact, self.latest, dry_run=True))
            detail = "AWS confirmed the package's hash in a dry run"
        with steps.step(StepName.CHECK, detail, calls):
            self.checked = self._snapshot(self.latest, LATEST)
            self.round = Round.objects.create(
                release=release,
                number=1,
                parts=these,
                fingerprint=digest(these, round_number=1),
                checked=self.checked,
                baseline=self._snapshot(live, release.target_alias) if live else None,
                baseline_alias_revision=alias.revision_id if alias else "",
                **columns(self.function.rules),
                dry_run="confirmed" if self.artifact else "off",
                last_known_version=self.known.told,
                publish_token=self.planned.token,
            )
            mark = self.round.fingerprint
            record(
                "release.round_opened",
                by=None,
                release=release,
                round=1,
                fingerprint=mark,
                **opened_for(these),
            )

    def _snapshot(self, state: FunctionState, qualifier: str) -> Snapshot:
        return Snapshot.of(self.function, state, qualifier=qualifier)

    def stage(self) -> None:
        steps, calls = self.steps, self.steps.reads(self.release.target_alias)
        before = self.latest
        if self.artifact:
            calls.append(steps.update_code(self.artifact, before))
            calls += steps.reads("")
            self.latest = replace(
                before,
                code_sha256=self.artifact.code_sha256,
                code_size=self.artifact.size,
                revision_id=str(steps.id()),
            )
        detail = f"$LATEST holds {self.latest.code_sha256}"
        with steps.step(StepName.STAGE, detail, calls):
            self.staged = self._snapshot(self.latest, LATEST)

    def publish(self) -> None:
        self.clock.to(self.planned.published_at)
        calls = self.steps.reads(self.release.target_alias)
        calls.append(self.steps.publish(self.latest, self.planned.description))
        with self.steps.step(StepName.PUBLISH, f"published version {self.planned.version}", calls):
            self.known.publish(self.release)

    def shift(self) -> None:
        number, alias = self.known.told, self.release.target_alias
        if alias:
            detail = f"{alias} points at version {number}"
            calls = [self.steps.update_alias(number, self.round.baseline_alias_revision)]
        else:
            detail = f"version {number} is published; callers of $LATEST have run it since stage"
            calls = []
        with self.steps.step(StepName.SHIFT, detail, calls):
            self.known.shift()
        self.move(ReleaseState.RELEASED, what=detail)
        before = self.checked if self.artifact else None
        self.end(before_stage=before, staged=self.staged)

    def end(self, **fields: Any) -> None:
        now = timezone.now()
        Release.objects.filter(pk=self.release.pk).update(
            changed_at=now, finished_at=now, attempt=self.steps.id(), **fields
        )
