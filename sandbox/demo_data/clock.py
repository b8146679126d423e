"""A clock for history: Sluice's own code, told that it is some time ago."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from django.utils import timezone

from releases.models import AuditEvent


class Clock:
    """What `timezone.now()` says while it is `running`: a little later each time it is asked."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.tick = timedelta(milliseconds=3)
        # Set while the worker runs for real: how long things took is read off this clock.
        self.uneven: random.Random | None = None

    def __call__(self) -> datetime:
        self.now += self.tick * self.uneven.randint(8, 40) if self.uneven else self.tick
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def to(self, moment: datetime) -> None:
        """Never back: what is told later happened later."""
        self.now = max(self.now, moment)

    @contextmanager
    def running(self) -> Iterator[None]:
        with patch.object(timezone, "now", self):
            yield

    @contextmanager
    def told_at_once(self) -> Iterator[None]:
        """History is inserted in one go at the end, each event with the moment it was recorded."""
        events: list[AuditEvent] = []
        clicks: dict[object, uuid.UUID] = {}
        moments: list[datetime] = []

        def keep_back(**fields: Any) -> AuditEvent:
            moments.append(self())
            about = fields["release_id"] or f"function {fields['function_id']}"
            # What a worker does is of the last click on what it works at.
            if fields["actor_id"] and fields["action"] != "release.commented":
                clicks[about] = fields["request_id"]
            elif not fields["actor_id"]:
                fields["request_id"] = clicks.get(about, fields["request_id"])
            events.append(AuditEvent(**fields))
            return events[-1]

        with patch.object(AuditEvent.objects, "create", keep_back):
            yield
        # Inserting asks for the time once for each row, for `at`.
        with patch.object(timezone, "now", iter(moments).__next__):
            AuditEvent.objects.bulk_create(events)
