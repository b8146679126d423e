"""What AWS holds of a function, read and written into our rows: used when adding and refreshing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from releases.audit import named_version, record
from releases.aws.gateway import Gateway
from releases.aws.types import AliasState, FunctionState, VersionSummary
from releases.models import Alias, Function, Version

BATCH = 500
LISTED_WITHIN = timedelta(minutes=10)
MOST_NAMED = 5


@dataclass(frozen=True)
class Reading:
    """Everything Sluice keeps of a function, as AWS said it in one go."""

    latest: FunctionState
    versions: list[VersionSummary]
    aliases: list[AliasState]
    # AWS's ids of the calls that read it.
    request_ids: tuple[str, ...] = ()

    def alias(self, name: str) -> AliasState | None:
        return next((alias for alias in self.aliases if alias.name == name), None)


def read(gateway: Gateway, name: str) -> Reading:
    """All pages of versions and aliases. Raises AwsError."""
    latest = gateway.get_function(name)
    versions, aliases = list(gateway.list_versions(name)), list(gateway.list_aliases(name))
    return Reading(latest, versions, aliases, tuple(gateway.request_ids))


def keep(function: Function, reading: Reading, *, first: bool = False) -> list[int]:
    """Write a reading into the rows of a saved function; returns the new version numbers.

    Call in a transaction.
    """
    alias = reading.alias(function.live_alias)
    said = _said_of_latest(reading.latest) | _said_of_live(alias)
    _keep_said(function, said | {"versions_read_at": timezone.now()})
    if first:
        # Nothing of it is known yet.
        new = _keep_versions(function, reading.versions, set(), _live(function, reading))
    else:
        known = set(function.versions.values_list("number", flat=True))
        new = _keep_versions(function, reading.versions, known, set())
        _mark_gone(function, reading)
        function.aliases.exclude(name__in=[alias.name for alias in reading.aliases]).delete()
    keep_aliases(function, reading.aliases)
    return new


def remember(function: Function, latest: FunctionState, alias: AliasState | None) -> None:
    """Keep what AWS last said of `$LATEST` and the live alias, for pages to show."""
    _keep_said(function, _said_of_latest(latest) | _said_of_live(alias))


def remember_latest(function: Function, latest: FunctionState) -> None:
    """Keep what AWS last said of `$LATEST` alone."""
    _keep_said(function, _said_of_latest(latest))


def _said_of_latest(latest: FunctionState) -> dict[str, Any]:
    configuration = latest.configuration
    return {
        "package_type": latest.package_type,
        "handler": configuration.get("Handler") or "",
        "runtime": configuration.get("Runtime") or "",
        "architectures": list(latest.architectures),
        "latest_code_sha256": latest.code_sha256,
        "latest_revision_id": latest.revision_id,
        "latest_configuration": dict(configuration),
        "synced_at": timezone.now(),
    }


def _said_of_live(alias: AliasState | None) -> dict[str, Any]:
    return {
        "live_version": int(alias.version) if alias and alias.version.isdigit() else None,
        "live_weights": dict(alias.weights) if alias else {},
    }


def _keep_said(function: Function, fields: dict[str, Any]) -> None:
    Function.objects.filter(pk=function.pk).update(**fields)
    for name, value in fields.items():
        setattr(function, name, value)


def keep_own_move(function: Function, alias: AliasState, *, left: str) -> None:
    """Sluice itself moved the live alias, away from version `left`: keep what AWS says of it.

    Call in a transaction, with the function's row locked.
    """
    keep_aliases(function, [alias])
    was = int(left) if left.isdigit() and left != alias.version else None
    at = timezone.now() if was else None
    _keep_said(function, _said_of_live(alias) | {"left_version": was, "left_at": at})


def moment(text: str) -> datetime | None:
    """LastModified as AWS writes it (`2026-11-21T03:38:10.000+0000`)."""
    return parse_datetime(text) if text else None


def _live(function: Function, reading: Reading) -> set[str]:
    """The versions that callers run: the alias's, or those whose code is on `$LATEST`."""
    if alias := reading.alias(function.live_alias):
        return {alias.version, *alias.weights}
    code = reading.latest.code_sha256
    same = {str(each.number) for each in reading.versions if each.code_sha256 == code}
    return set() if function.live_alias else same


def row_of(
    function: Function, said: VersionSummary | FunctionState, number: int, **more: Any
) -> Version:
    """What AWS said of a version, to be inserted."""
    return Version(
        function=function,
        number=number,
        code_sha256=said.code_sha256,
        code_size=said.code_size,
        description=said.description,
        revision_id=said.revision_id,
        configuration=dict(said.configuration),
        published_at=moment(said.last_modified),
        **more,
    )


def _keep_versions(
    function: Function, versions: list[VersionSummary], known: set[int], was_live: set[str]
) -> list[int]:
    rows = [
        row_of(
            function,
            version,
            version.number,
            was_live_when_added=str(version.number) in was_live,
        )
        for version in versions
        if version.number not in known
    ]
    Version.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    return [row.number for row in rows]


def _mark_gone(function: Function, reading: Reading) -> None:
    """What was published a moment ago may be missing in a listing that is about to show it."""
    now = timezone.now()
    listed = [version.number for version in reading.versions]
    old = Q(published_at=None) | Q(published_at__lte=now - LISTED_WITHIN)
    missing = function.versions.filter(old, gone_at=None).exclude(number__in=listed)
    back = function.versions.filter(number__in=listed, gone_at__isnull=False)
    for rows, gone_at, action in (
        (missing, now, "function.versions_deleted"),
        (back, None, "function.versions_back"),
    ):
        if numbers := sorted(rows.values_list("number", flat=True)):
            function.versions.filter(number__in=numbers).update(gone_at=gone_at)
            record_versions(action, function, reading, numbers)


def record_versions(
    action: str, function: Function, reading: Reading, numbers: Sequence[int]
) -> None:
    """What was found out about versions, with the first of them by name in its sentence."""
    first = ", ".join(f"v{number}" for number in numbers[:MOST_NAMED])
    record(
        action,
        by=None,
        function=function,
        versions=first + (" and more" if numbers[MOST_NAMED:] else ""),
        about=[each for number in numbers for each in named_version(number)],
        aws_request_ids=reading.request_ids,
    )


def keep_aliases(function: Function, aliases: Iterable[AliasState]) -> None:
    # One that was made while the pages were read may be on two of them.
    by_name = {alias.name: alias for alias in aliases}
    rows = [
        Alias(
            function=function,
            name=alias.name,
            version=alias.version,
            weights=dict(alias.weights),
            revision_id=alias.revision_id,
        )
        for alias in by_name.values()
    ]
    Alias.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["function", "name"],
        update_fields=["version", "weights", "revision_id"],
    )
