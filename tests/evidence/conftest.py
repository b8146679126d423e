"""A release that went live and what happened around it, as the history tells it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.test import Client

from accounts.models import User
from releases.audit import record
from releases.audit.anchors import anchor_head, anchor_place
from releases.models import AuditEvent, Release
from releases.states import ReleaseState
from tests.factories import FunctionFactory
from tests.sealing import seal_all
from tests.views.scenes import a_release, fingerprint_of

ClientFor = Callable[[User], Client]
CODE, POLICY = "k2jf=", "1 of security, not an author"
NOTE = "=HYPERLINK(1); read “twice”, {ok}"


@dataclass(frozen=True)
class Kept:
    """A pack as it was downloaded, and the anchor that was kept before."""

    pack: bytes
    anchor: Path

    def unpacked(self, to: Path) -> Path:
        zipfile.ZipFile(io.BytesIO(self.pack)).extractall(to)
        return to


_kept: list[Kept] = []


@pytest.fixture
def released(transactional_db: None, developer: User, manager: User) -> Release:
    """R of checkout: requested, approved by the manager and released; then changed outside."""
    function = FunctionFactory.create(name="checkout")
    release = a_release(ReleaseState.RELEASED, function=function, requested_by=developer)
    said: dict[str, Any] = {
        "fingerprint": fingerprint_of(release),
        "note": NOTE,
        "count": 1,
        "required": 1,
    }
    record("release.requested", by=developer, release=release, what="Retry cards")
    review = {"fingerprint": said["fingerprint"], "code_sha256": CODE, "policy": POLICY}
    record("release.round_opened", by=None, release=release, round=1, **review)
    record("person.signed_in", by=manager)
    record("release.approval_given", by=manager, release=release, **said)
    record("person.signed_out", by=manager)
    record(
        "release.released",
        by=None,
        release=release,
        what="live points at version 2",
        aws_request_ids=["8a1c-1", 'b"{,}\\'],
        before={"state": "publishing", "weights": {"1": 0.25}},
    )
    record("function.drifted", by=None, function=function, detail="the memory")
    record("person.signed_in", by=developer)
    return release


@pytest.fixture
def approval(released: Release) -> AuditEvent:
    return AuditEvent.objects.get(action="release.approval_given")


@pytest.fixture
def reader(client_for: ClientFor, auditor: User) -> Client:
    return client_for(auditor)


def downloaded(client: Client, address: str) -> bytes:
    answer = client.post(address)
    assert answer.status_code == 200 and isinstance(answer, StreamingHttpResponse)
    return b"".join(answer)


@pytest.fixture
def kept(
    transactional_db: None,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Kept:
    """Made once: whoever checks it has nothing but these files, and alters what was unpacked."""
    if not _kept:
        released, reader = map(request.getfixturevalue, ("released", "reader"))
        outside = tmp_path_factory.mktemp("outside") / "anchors"
        _kept.append(taken_away(released, reader, outside))
    return _kept[0]


def taken_away(released: Release, reader: Client, outside: Path) -> Kept:
    """Its pack; what was kept outside holds all of it, and the chain went on afterwards."""
    seal_all()
    place = anchor_place(str(outside))
    assert place and anchor_head(place)
    record("person.signed_in", by=None)
    seal_all()
    pack = downloaded(reader, f"/evidence/releases/{released.pk}/zip/")
    return Kept(pack, next(outside.iterdir()))
