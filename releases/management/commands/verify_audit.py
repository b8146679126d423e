"""`manage.py verify_audit`: is the history what was sealed? Ends with 1 and names the fault."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from releases.audit.anchors import AnchorProblem, anchor_place, kept
from releases.audit.keys import NoAuditKey
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

    def handle(self, *args: Any, anchors: str | None, **options: Any) -> None:
        began = time.monotonic()
        try:
            place = anchor_place(anchors)
            outside = kept(place) if place else []
            found = verify(outside)
        except (AnchorProblem, NoAuditKey) as error:
            raise CommandError(str(error)) from error
        seconds = time.monotonic() - began
        if found.fault:
            raise CommandError(found.fault)
        rate = found.sealed / seconds if seconds else 0
        self.stdout.write(
            f"{found.sealed:,} events are as they were sealed, {found.waiting:,} wait to be sealed"
            f" ({seconds:.1f} s, {rate:,.0f} a second)."
        )
        if place:
            self.stdout.write(f"{len(outside):,} anchors in {place} agree.")
        else:
            self.stdout.write(
                "No anchors are kept outside: that nothing was cut off at the end is not shown."
            )
