"""Steps of long ago and the AWS calls they made, as the worker would have written them down."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from releases.audit import record
from releases.aws.types import FunctionState
from releases.models import Artifact, AwsCall, CallStatus, Release, Step, StepName, StepOutcome
from sandbox.demo_data.clock import Clock

BETWEEN_CALLS = timedelta(milliseconds=240)


@dataclass(frozen=True)
class Call:
    """One call, as its row shows it."""

    operation: str
    request: dict[str, Any]
    is_write: bool = False


class Steps:
    """The steps of one release, one attempt each, all of them done."""

    def __init__(self, release: Release, clock: Clock, chance: random.Random) -> None:
        self._release, self._clock, self._chance = release, clock, chance
        self._token = self.id()

    def id(self) -> uuid.UUID:
        """A RevisionId, or any other."""
        return uuid.UUID(int=self._chance.getrandbits(128), version=4)

    @contextmanager
    def step(self, name: StepName, detail: str, calls: Sequence[Call]) -> Iterator[None]:
        """What happens inside is what the step did after its calls."""
        release = self._release
        record("step.started", by=None, release=release, step=name.label)
        seconds = BETWEEN_CALLS.total_seconds() * (len(calls) + 1)
        step = Step.objects.create(
            release=release,
            name=name,
            token=self._token,
            round_number=1,
            outcome=StepOutcome.DONE,
            detail=detail,
            finished_at=timezone.now() + timedelta(seconds=seconds),
        )
        self._write(step, calls)
        yield
        self._clock.to(step.finished_at or self._clock.now)
        record("step.done", by=None, release=release, step=name.label, detail=detail)

    def _write(self, step: Step, calls: Sequence[Call]) -> None:
        tick, self._clock.tick = self._clock.tick, BETWEEN_CALLS
        # Each row asks the clock once, for `sent_at`, in this order.
        rows = [
            self._row(step, call, self._clock.now + count * BETWEEN_CALLS)
            for count, call in enumerate(calls, 1)
        ]
        AwsCall.objects.bulk_create(rows)
        self._clock.tick = tick

    def _row(self, step: Step, call: Call, sent_at: Any) -> AwsCall:
        took = self._chance.randrange(38, 190)
        return AwsCall(
            release=self._release,
            step=step,
            round_number=1,
            operation=call.operation,
            request=call.request,
            is_write=call.is_write,
            status=CallStatus.OK,
            http_status=201 if call.operation == "PublishVersion" else 200,
            request_id=str(self.id()),
            answered_at=sent_at + timedelta(milliseconds=took),
            duration_ms=took,
        )

    # --- the calls of a step, in the words of the gateway -----------------------
    def reads(self, alias: str, version: str = "") -> list[Call]:
        name = self._release.function.name
        calls = [Call("GetFunction", {"FunctionName": name})]
        if alias:
            calls.append(Call("GetAlias", {"FunctionName": name, "Name": alias}))
        if version:
            calls.append(Call("GetFunction", {"FunctionName": name, "Qualifier": version}))
        return calls

    def update_code(
        self, artifact: Artifact, latest: FunctionState, *, dry_run: bool = False
    ) -> Call:
        code = f"bytes with CodeSha256 {artifact.code_sha256}"
        request: dict[str, Any] = {
            "FunctionName": self._release.function.name,
            "RevisionId": latest.revision_id,
            "Architectures": [latest.architectures[0]],
        }
        request |= {"ImageUri": artifact.image_uri} if artifact.image_uri else {"ZipFile": code}
        if dry_run:
            request["DryRun"] = True
        return Call("UpdateFunctionCode", request, is_write=not dry_run)

    def publish(self, latest: FunctionState, description: str) -> Call:
        request = {
            "FunctionName": self._release.function.name,
            "CodeSha256": latest.code_sha256,
            "RevisionId": latest.revision_id,
            "Description": description,
        }
        return Call("PublishVersion", request, is_write=True)

    def update_alias(self, version: int, revision_id: str) -> Call:
        request = {
            "FunctionName": self._release.function.name,
            "Name": self._release.target_alias,
            "FunctionVersion": str(version),
            "RevisionId": revision_id,
            "RoutingConfig": {"AdditionalVersionWeights": {}},
        }
        return Call("UpdateAlias", request, is_write=True)
