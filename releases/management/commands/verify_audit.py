"""`manage.py verify_audit`: is the history what was sealed? Ends with 1 and names the fault."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from releases.audit.anchors import AnchorProblem, anchor_place, kept
from releases.audit.beginning import beginning
from releases.audit.keys import NoAuditKey, audit_keys
from releases.audit.segments import SegmentFault, verify_segments
from releases.audit.verify import verify


class Command(BaseCommand):
    help = "Check every event against its seal, and the chain against what is kept outside."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchors",
            metavar="PLACE",
            help="a directory or s3://BUCKET/PREFIX?region=REGION instead of SLUICE_AUDIT_ANCHOR",
        )

        parser.add_argument(
            "--archive",
            metavar="FILE",
            type=Path,
            nargs="+",
            default=[],
            help="what archive_audit wrote: check it, and that the history goes on there",
        )

    def handle(self, *args: Any, anchors: str | None, archive: list[Path], **options: Any) -> None:
        began = time.monotonic()
        try:
            place = anchor_place(anchors)
            outside = kept(place) if place else []
            found, keys = verify(outside), audit_keys()
            archived = verify_segments(archive, keys, beginning(keys), outside) if archive else 0
        except (AnchorProblem, NoAuditKey, SegmentFault) as error:
            raise CommandError(str(error)) from error
        seconds = time.monotonic() - began
        if found.fault:
            raise CommandError(found.fault)
        rate = found.sealed / seconds if seconds else 0
        self.stdout.write(
            f"{found.sealed:,} events are as they were sealed, {found.waiting:,} wait to be sealed"
            f" ({seconds:.1f} s, {rate:,.0f} a second)."
        )
        if archived:
            self.stdout.write(f"{archived:,} archived events, too, and the history goes on there.")
        if place:
            self.stdout.write(f"{len(outside):,} anchors in {place} agree.")
        else:
            self.stdout.write(
                "No anchors are kept outside: that nothing was cut off at the end is not shown."
            )
