"""What moved in AWS since Sluice last looked, and was not Sluice itself."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from releases import fingerprint
from releases.actions.read_function import Reading
from releases.aws.types import AliasState
from releases.models import AwsCall, CallStatus, Function, Release, RollbackState

GRACE = timedelta(minutes=1)


def has_moved(function: Function, reading: Reading) -> bool:
    """Whether anything that a page shows is another than was kept, RevisionIds included."""
    if function.latest_revision_id != reading.latest.revision_id:
        return True
    known = {each.name: each.revision_id for each in function.aliases.all()}
    return known != {each.name: each.revision_id for each in reading.aliases}


def drift(function: Function, reading: Reading) -> list[str]:
    """In words, how `$LATEST` and live moved outside Sluice; environment values stay out."""
    if not function.latest_code_sha256:
        return []
    latest, ours = reading.latest, _our_releases(function)
    found = fingerprint.configuration_moves(function.latest_configuration, latest.configuration)
    if ours:
        # With a package of its own a release may change the architectures, too.
        found = [each for each in found if not each.startswith("Architectures ")]
    if latest.code_sha256 != function.latest_code_sha256 and latest.code_sha256 not in _codes(ours):
        found.insert(0, f"the code of $LATEST is now {fingerprint.short(latest.code_sha256)}")
    return found + _live_moves(function, reading.alias(function.live_alias), ours)


def _live_moves(function: Function, alias: AliasState | None, ours: list[Release]) -> list[str]:
    if not function.live_alias:
        return []
    was = (function.live_version, function.live_weights)
    now = (_number(alias), dict(alias.weights) if alias else {})
    if was == now or (now[0] in _moved_to(function, ours) and not now[1]):
        return []
    return [f"the alias {function.live_alias} moved from {_routed(*was)} to {_routed(*now)}"]


def _moved_to(function: Function, ours: list[Release]) -> set[int | None]:
    """Where Sluice itself may have pointed the alias since it last looked: releases, rollbacks.

    A reading taken before a rollback may be written down after it, hence the grace.
    """
    now = timezone.now()
    recent = function.rollbacks.filter(
        Q(state=RollbackState.MOVING)
        | Q(state=RollbackState.DONE, finished_at__gte=(function.synced_at or now) - GRACE)
    )
    return {each.version_number for each in ours} | set(recent.values_list("to_version", flat=True))


def _number(alias: AliasState | None) -> int | None:
    return int(alias.version) if alias and alias.version.isdigit() else None


def _routed(version: int | None, weights: dict[str, float]) -> str:
    shares = "".join(f" with {share * 100:g} % to v{other}" for other, share in weights.items())
    return (f"v{version}" if version else "no version") + shares


def _our_releases(function: Function) -> list[Release]:
    """The releases for which Sluice may have written to AWS since it last looked."""
    writes = AwsCall.objects.filter(
        release__function=function, is_write=True, sent_at__gte=function.synced_at
    ).exclude(status=CallStatus.ERROR)
    related = Release.objects.select_related("artifact", "before_stage")
    return list(related.filter(pk__in=writes.values("release")))


def _codes(ours: list[Release]) -> set[str]:
    """What those releases staged, and what they put back."""
    staged = {each.artifact.code_sha256 for each in ours if each.artifact}
    return staged | {each.before_stage.code_sha256 for each in ours if each.before_stage}
