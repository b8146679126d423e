"""Export the history: a worker writes what a filter finds into a file, for whoever asked."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import IO

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from releases import policy, queues
from releases.actions.refusal import recorded_refusal
from releases.audit import Named, Origin, record
from releases.audit.search import Search
from releases.errors import InvalidInput
from releases.models import AuditEvent, AuditExport, ExportFormat
from releases.packages.store import artifacts

GONE = "The file is gone from the store: export the history once more."


def export_audit(search: Search, *, format: str, by: User, origin: Origin) -> AuditExport:
    """Have what `search` finds by now written into a file.

    Raises NotAllowed, and InvalidInput for a format or a filter that means nothing.
    """
    with refused_with_exports("export the history", by, origin), transaction.atomic():
        policy.require(policy.can_export_audit(by))
        if format not in ExportFormat:
            raise InvalidInput("Choose CSV or JSON Lines.", field="format")
        if search.problems:
            raise InvalidInput(" ".join(search.problems))
        last = AuditEvent.objects.aggregate(last=Max("pk"))["last"] or 0
        export = AuditExport.objects.create(
            person=by, query=search.query, format=format, last_event=last
        )
        record("audit.exported", by=by, origin=origin, format=ExportFormat(format).label,
               filter=search.words, last_event=last,
               about=[Named("export", None, str(export.pk))])  # fmt: skip
        queues.enqueue_export(str(export.pk))
    return export


def hand_out(export: AuditExport, *, by: User, origin: Origin) -> IO[bytes]:
    """Record that a file leaves, and open it.

    Raises NotAllowed, InvalidInput if there is none (any more).
    """
    with refused_with_exports("download an export", by, origin), transaction.atomic():
        policy.require(policy.can_download_export(by, export))
        if not export.is_done:
            raise InvalidInput("This file is not there: export the history once more.")
        record("audit.export_downloaded", by=by, origin=origin, count=export.event_count,
               about=[Named("export", None, str(export.pk))])  # fmt: skip
        try:
            return artifacts().open(export.stored_name)
        except OSError as error:
            raise InvalidInput(GONE) from error


def refused_with_exports(verb: str, by: User, origin: Origin) -> AbstractContextManager[None]:
    also = (InvalidInput,)
    return recorded_refusal("audit.refused", by=by, origin=origin, also=also, verb=verb)
