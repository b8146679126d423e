"""Writing an export of the history into a file, and taking it away again after a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, BinaryIO

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from releases.audit import Named, record
from releases.audit.export import batches, header, written
from releases.audit.search import Search
from releases.models import AuditExport, ExportState
from releases.models.grants import scope_of
from releases.packages.store import artifacts

log = structlog.get_logger()

KEPT = timedelta(days=1)
OPEN = (ExportState.WAITING, ExportState.WRITING)
ATTEMPTS_MOST = 3
BROKE_OFF = "Writing the file broke off several times. Export a shorter range of time."
NO_ROOM = "The file could not be written where packages are kept: {}. Tell whoever runs Sluice."


class GivenUp(Exception):
    """Another worker has taken this export over."""


def write(export_id: str) -> None:
    """Write one export from its beginning; safe to run twice and after a crash anywhere."""
    if not _begin(export_id):
        return
    export = AuditExport.objects.select_related("person").get(pk=export_id)
    if export.attempt > ATTEMPTS_MOST:
        _fail(export, BROKE_OFF)
        return
    store = artifacts()
    path = store.new_file()
    try:
        with path.open("wb") as file:
            count = _write(export, file)
        size = path.stat().st_size
        store.keep_file(path, export.stored_name)
        _done(export, count=count, size=size)
    except GivenUp:
        log.info("export.given_up", export=export_id)
    except OSError as error:
        _fail(export, NO_ROOM.format(error.strerror or error))
    finally:
        path.unlink(missing_ok=True)


def remove_old() -> int:
    """Remove the files of exports that are a day old; returns how many."""
    before = timezone.now() - KEPT
    old = list(AuditExport.objects.filter(state=ExportState.DONE, finished_at__lt=before))
    for export in old:
        artifacts().discard(export.stored_name)
        AuditExport.objects.filter(pk=export.pk).update(state=ExportState.REMOVED)
    return len(old)


def _begin(export_id: str) -> bool:
    begun = AuditExport.objects.filter(pk=export_id, state__in=OPEN)
    return bool(
        begun.update(
            state=ExportState.WRITING,
            attempt=F("attempt") + 1,
            done_count=0,
            touched_at=timezone.now(),
        )
    )


def _write(export: AuditExport, file: BinaryIO) -> int:
    events = Search.of_query(export.query, export.person).events().filter(pk__lte=export.last_event)
    _update(export, event_count=events.count(), scope=scope_of(export.person))
    file.write(header(export.format))
    count = 0
    for batch in batches(events):
        file.write(written(batch, export.format))
        count += len(batch)
        _update(export, done_count=count)
    return count


def _update(export: AuditExport, **fields: object) -> None:
    """Raises GivenUp if somebody else is at it."""
    mine = AuditExport.objects.filter(
        pk=export.pk, attempt=export.attempt, state=ExportState.WRITING
    )
    if not mine.update(touched_at=timezone.now(), **fields):
        raise GivenUp


def _done(export: AuditExport, *, count: int, size: int) -> None:
    with transaction.atomic():
        _update(
            export,
            state=ExportState.DONE,
            event_count=count,
            done_count=count,
            size=size,
            finished_at=timezone.now(),
        )
        _record("audit.export_written", export, count=count)


def _fail(export: AuditExport, problem: str) -> None:
    with transaction.atomic():
        mine = AuditExport.objects.filter(pk=export.pk, state=ExportState.WRITING)
        mine.update(state=ExportState.FAILED, problem=problem, finished_at=timezone.now())
        _record("audit.export_failed", export, problem=problem)


def _record(action: str, export: AuditExport, **said: Any) -> None:
    about = [Named("export", None, str(export.pk))]
    record(action, by=None, person=export.person.name, about=about, **said)
