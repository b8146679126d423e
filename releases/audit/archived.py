"""What pages and packs have to say where they reach back into what was archived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from releases.audit.beginning import ARCHIVED
from releases.models import AuditEvent


@dataclass(frozen=True)
class Archived:
    """Numbers up to `number`, from before `until`, are not in the database any more."""

    number: int
    until: datetime
    file: str

    @property
    def words(self) -> str:
        return (
            f"Events up to number {self.number:,}, from before {self.until:%Y-%m-%d %H:%M} UTC, are"
            f" archived and not looked at here; the last of them are in {self.file}."
        )


def archived_since(begins: datetime | None) -> Archived | None:
    """What was archived of the time from `begins` on; None for all of it. At most two queries."""
    # Numbers alone: a row that has none was written in the name of an archiving, and by none.
    telling = AuditEvent.objects.filter(
        action=ARCHIVED, data__number__gte=1, data__number__lt=10**15, data__file__isnull=False
    )
    newest = telling.order_by("-at", "-pk").first()
    if newest is None:
        return None
    # Something is left: the event of the archiving.
    until = AuditEvent.objects.order_by("at", "pk").values_list("at", flat=True)[0]
    if begins and begins >= until:
        return None
    return Archived(newest.data["number"], until, newest.data["file"])
