"""What keeps functions where they are, and what people say before something goes out."""

from __future__ import annotations

from datetime import datetime, time

from releases.actions.comment import comment
from releases.actions.freeze import freeze
from releases.actions.roll_back import roll_back, seen_of
from releases.models import Release, Rollback
from releases.models.comments import LineSide
from releases.models.freezes import Recurrence, Weekday
from sandbox.demo_data.doing import Doing
from sandbox.demo_data.periods import moved_by

HELD = "production/stock-alerts"
LIMITS = "orders/settings.py"
# Of `TIMEOUT`, which every revision of the demo's code changes.
LINE = 7


class Stops(Doing):
    """A rollback with its hold, one that waits, a freeze, and a talk about a line."""

    def _freeze(self, at: datetime) -> None:
        """An hour in the week, in which nothing of the demo happens."""
        self.clock.to(at)
        freeze(
            self.functions["development/feature-flags"].row.environment,
            reason="The development account is backed up",
            by=self.people["admin"],
            origin=self.people.origin("admin"),
            recurrence=Recurrence.WEEKLY,
            time_zone="Europe/Dublin",
            from_weekday=Weekday.SUNDAY,
            from_time=time(3),
            to_weekday=Weekday.SUNDAY,
            to_time=time(4),
        )

    def _rolled_back(self, at: datetime) -> None:
        """The release of the day before, which nobody resumed the function after yet."""
        why = "Buyers get every alert twice since the release."
        self._roll_back(at, HELD, "manager", reason=why)

    def _fix(self, at: datetime) -> None:
        """It may be uploaded and approved under the hold; going out it may not."""
        release = self.request(at, HELD, "One alert for each warehouse", change=474)
        self._say(release, "manager", 4, "I resume the function when this is approved.")

    def _needs_a_second(self, at: datetime) -> None:
        """To a version that was neither released here nor live when the function came."""
        why = "v5 and the canary lose titles with accents; v4 found them."
        self._roll_back(at, "production/search-indexer", "manager", reason=why)

    def _discuss(self, release: Release) -> None:
        asked = "Is this enough for orders from three warehouses? Each is asked **in turn**."
        self._say(release, "security", 2, asked, line=True)
        answer = "They are asked at once, see `reserve`. Measured: 2.1 s for the slowest."
        self._say(release, "developer", 3, answer, line=True)
        self._say(release, "security", 2, "Good. I look at the rates next.")

    def _roll_back(self, at: datetime, name: str, by: str, *, reason: str) -> Rollback:
        self.clock.to(at)
        row = self.functions[name].row
        row.refresh_from_db()
        with moved_by(self.clock), self.taking_time(row.pk):
            return roll_back(
                row,
                to=(row.live_version or 0) - 1,
                reason=reason,
                seen=seen_of(row),
                by=self.people[by],
                origin=self.people.origin(by),
            )

    def _say(
        self, release: Release, by: str, minutes: float, text: str, *, line: bool = False
    ) -> None:
        self.clock.forward(minutes * 60)
        person, origin = self.people[by], self.people.origin(by)
        if line:
            comment(release, by=person, origin=origin, text=text,
                    path=LIMITS, side=LineSide.NEW, line=LINE)  # fmt: skip
        else:
            comment(release, by=person, origin=origin, text=text)
