"""How today's people do things: by Sluice's own actions, on the demo's clock."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from releases.actions.approve import approve
from releases.actions.create_release import create_release
from releases.actions.receive_upload import receive_upload
from releases.audit import record
from releases.cause import caused_by
from releases.models import Intake, Release
from releases.pipeline import engine, intake
from sandbox.demo_data.adoption import Known
from sandbox.demo_data.clock import Clock
from sandbox.demo_data.people import People


@dataclass
class Doing:
    """Everybody and everything, and the clock that says when."""

    functions: Mapping[str, Known]
    people: People
    clock: Clock
    now: datetime

    def ago(self, **how_long: float) -> datetime:
        return self.now - timedelta(**how_long)

    def bring_in(self, at: datetime, name: str, content: bytes, by: str = "developer") -> Intake:
        self.clock.to(at)
        known = self.functions[name]
        record("person.signed_in", by=self.people[by], origin=self.people.origin(by))
        self.clock.forward(95)
        origin = self.people.origin(by)
        with caused_by(origin.request_id):
            taken = receive_upload(
                function=known.row,
                stream_chunks=[content],
                name=f"{known.demo.name}.zip",
                by=self.people[by],
                origin=origin,
            )
            intake.read(str(taken.pk))
        taken.refresh_from_db()
        return taken

    def request(
        self,
        at: datetime,
        name: str,
        text: str,
        by: str = "developer",
        *,
        change: int = 0,
        stays: bool = False,
        extra: Mapping[str, str] | None = None,
    ) -> Release:
        """Up to its gate; with `stays` it is only put into the queue."""
        known = self.functions[name]
        taken = self.bring_in(at, name, known.planned.code(text, extra=extra).zipped, by)
        self.clock.forward(30)
        origin = self.people.origin(by)
        address = f"https://code.example.com/shop/{known.demo.name}/changes/{change}"
        with caused_by(origin.request_id):
            release = create_release(
                function=known.row,
                intake=taken,
                by=self.people[by],
                origin=origin,
                description=text,
                change_url=address if change else "",
            )
        return release if stays else self.work(release)

    def approve(self, release: Release, by: str, minutes: float, note: str = "") -> None:
        self.clock.forward(minutes * 60)
        release.refresh_from_db()
        round_, origin = release.current_round, self.people.origin(by)
        with caused_by(origin.request_id):
            approve(
                release,
                by=self.people[by],
                origin=origin,
                fingerprint=round_.fingerprint if round_ else "",
                note=note,
            )

    def work(self, release: Release) -> Release:
        """What a worker does when it finds the release's job."""
        with self.taking_time(release.pk):
            engine.advance(release.pk)
        release.refresh_from_db()
        return release

    @contextmanager
    def taking_time(self, number: int) -> Iterator[None]:
        """Calls to AWS are answered after a while."""
        self.clock.uneven = random.Random(number)  # noqa: S311 - the same every time
        yield
        self.clock.uneven = None
