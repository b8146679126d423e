"""Something released in staging, and the same function in production that it could go to."""

from __future__ import annotations

from typing import Any

from releases.models import Environment, Function, Intake, Release, Tier, Version
from releases.packages.intake import receive
from releases.packages.store import artifacts
from releases.states import ReleaseState
from tests.factories import (
    ArtifactFactory,
    EnvironmentFactory,
    FunctionFactory,
    IntakeFactory,
    ReleaseFactory,
)


def staging() -> Environment:
    return EnvironmentFactory.create(name="staging", tier=Tier.STAGING, account_id="210987654321")


def runs(function: Function, code_sha256: str, number: int = 1, **fields: Any) -> Version:
    """Let the function's live version be this code."""
    Function.objects.filter(pk=function.pk).update(live_version=number)
    function.refresh_from_db()
    return Version.objects.create(
        function=function, number=number, code_sha256=code_sha256, **fields
    )


def released(function: Function, *, kept: bool = True, **fields: Any) -> Release:
    """A release of the function that is live, its package in the store."""
    if "artifact" not in fields:
        fields["artifact"] = ArtifactFactory.create()
    artifact = fields["artifact"]
    if artifact and kept and artifact.kind == "zip":
        keep(artifact)
    wanted = {"state": ReleaseState.RELEASED, "version_number": 1} | fields
    release: Release = ReleaseFactory.create(function=function, **wanted)
    if artifact:
        runs(function, artifact.code_sha256, release=release)
    return release


def keep(artifact: Any) -> None:
    """Put some bytes into the store under the artifact's name: enough for a row to be real."""
    store = artifacts()
    taken = receive([b"x"], directory=store.incoming_directory(), limit=10)
    name = f"{artifact.sha256[:2]}/{artifact.sha256}.zip"
    with taken.path.open("rb") as file:
        store.storage.save(name, file)
    taken.path.unlink()


def brought_in(release: Release, person: Any) -> Intake:
    intake: Intake = IntakeFactory.create(
        function=release.function, artifact=release.artifact, person=person
    )
    return intake


def pair(name: str = "checkout", **fields: Any) -> tuple[Release, Function]:
    """Released in staging, and production, where something else is live."""
    target = FunctionFactory.create(name=name)
    runs(target, "b2xk" * 10 + "b2w=", 7)
    return released(FunctionFactory.create(name=name, environment=staging()), **fields), target
