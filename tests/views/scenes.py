"""Releases in the states that pages and decisions are about."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.test import Client

from releases.models import AwsCall, Decision, Release, Snapshot, Step, Verdict
from releases.states import ReleaseState
from tests.factories import ReleaseFactory, with_round


def a_release(
    state: ReleaseState = ReleaseState.AWAITING_APPROVAL,
    *,
    parts: dict[str, Any] | None = None,
    **fields: Any,
) -> Release:
    """A release that has been checked, so that it has a round with its fingerprint."""
    if state == ReleaseState.RELEASED:
        fields.setdefault("version_number", 2)
    return with_round(ReleaseFactory.create(state=state, **fields), **(parts or {}))


def fingerprint_of(release: Release) -> str:
    round_ = release.current_round
    assert round_ is not None
    return round_.fingerprint


def approved_by(release: Release, *people: Any) -> None:
    round_ = release.current_round
    assert round_ is not None
    for person in people:
        Decision.objects.create(
            round=round_,
            person=person,
            role=person.role,
            verdict=Verdict.APPROVE,
            fingerprint=round_.fingerprint,
        )


def snapshot(release: Release, revision_id: str, **fields: Any) -> Snapshot:
    """`$LATEST` as somebody read it."""
    wanted: dict[str, Any] = {
        "function": release.function,
        "qualifier": "$LATEST",
        "version": "$LATEST",
        "code_sha256": release.artifact.code_sha256 if release.artifact else "",
        "code_size": 4096,
        "revision_id": revision_id,
        "package_type": "Zip",
        "configuration": {"MemorySize": 128},
    }
    return Snapshot.objects.create(**wanted | fields)


def worked_on(release: Release, calls: int) -> None:
    """Steps and calls, as a worker leaves them."""
    step = Step.objects.create(release=release, round_number=1, name="check", outcome="done")
    for number in range(calls):
        AwsCall.objects.create(
            release=release,
            step=step,
            operation=f"GetFunction{number}",
            status="ok",
            http_status=200,
            request_id=f"request-{number}",
        )


def post(client: Client, release: Release, verb: str, **data: str) -> HttpResponse:
    """Click a button of the release page, as the page in this state sends it."""
    sent = {"fingerprint": fingerprint_of(release), "seen": release.state} | data
    answer = client.post(f"/releases/{release.pk}/{verb}/", sent)
    assert isinstance(answer, HttpResponse)
    return answer


def state_of(release: Release) -> str:
    return Release.objects.get(pk=release.pk).state
