"""When the windows of a freeze are open: by the wall clock of their own time zone."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.holds import Frozen
from releases.models import Freeze
from releases.models.freezes import ONE_WEEK, Recurrence, Weekday

PARIS = "Europe/Paris"
WEEKEND: dict[str, Any] = {
    "recurrence": Recurrence.WEEKLY,
    "time_zone": PARIS,
    "from_weekday": Weekday.FRIDAY,
    "from_time": time(17),
    "to_weekday": Weekday.MONDAY,
    "to_time": time(8),
}
NIGHTS: dict[str, Any] = {
    "recurrence": Recurrence.DAILY,
    "time_zone": PARIS,
    "from_time": time(22),
    "to_time": time(6),
}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("times", "now", "until"),
    [
        # Friday 27 November 2026, winter: Paris is an hour ahead of UTC.
        (WEEKEND, "2026-11-27T15:59:59", None),
        (WEEKEND, "2026-11-27T16:00:00", "2026-11-30T07:00:00"),
        (WEEKEND, "2026-11-29T12:00:00", "2026-11-30T07:00:00"),
        (WEEKEND, "2026-11-30T06:59:59", "2026-11-30T07:00:00"),
        (WEEKEND, "2026-11-30T07:00:00", None),
        # Summer: two hours.
        (WEEKEND, "2026-07-03T15:00:00", "2026-07-06T06:00:00"),
        # The night in which the clock goes back, 25 October 2026.
        (WEEKEND, "2026-10-23T15:00:00", "2026-10-26T07:00:00"),
        (NIGHTS, "2026-11-27T20:59:00", None),
        (NIGHTS, "2026-11-27T21:00:00", "2026-11-28T05:00:00"),
        (NIGHTS, "2026-11-28T04:59:00", "2026-11-28T05:00:00"),
        (NIGHTS, "2026-11-28T05:00:00", None),
        (NIGHTS | {"from_time": time(9), "to_time": time(17)}, "2026-11-27T12:00:00",
         "2026-11-27T16:00:00"),
        (NIGHTS | {"from_time": time(9), "to_time": time(17)}, "2026-11-27T17:00:00", None),
    ],
)  # fmt: skip
def test_a_recurring_window(times: dict[str, Any], now: str, until: str | None) -> None:
    assert Freeze(**times).open_until(utc(now)) == (utc(until) if until else None)


def test_its_end_is_said_in_utc_wherever_its_wall_clock_hangs() -> None:
    freeze = Freeze(**WEEKEND, reason="Nobody is in")
    until = freeze.open_until(utc("2026-11-27T20:00:00"))
    assert until is not None
    said = "all environments are frozen until 2026-11-30 07:00 UTC: Nobody is in"
    assert Frozen(freeze, until).words == said


def test_one_that_happens_once() -> None:
    begin, end = utc("2026-12-24T00:00:00"), utc("2026-12-27T00:00:00")
    freeze = Freeze(recurrence=Recurrence.ONCE, starts_at=begin, ends_at=end)
    assert freeze.open_until(begin) == end
    assert freeze.open_until(end) is None
    assert freeze.open_until(utc("2026-12-23T23:59:59")) is None


def test_one_that_was_lifted_is_open_no_more() -> None:
    friday_evening = utc("2026-11-27T20:00:00")
    assert Freeze(**WEEKEND, ended_at=friday_evening).open_until(friday_evening) is None


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (WEEKEND, "every Friday 17:00 to Monday 08:00 Europe/Paris"),
        (NIGHTS, "every day from 22:00 to 06:00 Europe/Paris"),
        (
            {
                "recurrence": Recurrence.ONCE,
                "time_zone": PARIS,
                "starts_at": utc("2026-12-23T23:00:00"),
                "ends_at": utc("2026-12-26T23:00:00"),
            },
            "from 2026-12-24 00:00 to 2026-12-27 00:00 Europe/Paris",
        ),
    ],
)
def test_its_times_in_words(times: dict[str, Any], words: str) -> None:
    assert Freeze(**times).when == words


@given(
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
    days=st.tuples(st.integers(0, 6), st.integers(0, 6)),
    times=st.tuples(st.times(), st.times()),
    zone=st.sampled_from(["UTC", PARIS, "America/New_York", "Australia/Lord_Howe"]),
)
def test_a_window_that_is_open_closes_within_a_week_and_is_then_shut(
    now: datetime, days: tuple[int, int], times: tuple[time, time], zone: str
) -> None:
    window = {"from_weekday": days[0], "to_weekday": days[1]}
    window |= {"from_time": times[0], "to_time": times[1]}  # type: ignore[dict-item]
    freeze = Freeze(recurrence=Recurrence.WEEKLY, time_zone=zone, **window)
    until = freeze.open_until(now.replace(tzinfo=UTC))
    if until is None:
        return
    assert now.replace(tzinfo=UTC) < until <= now.replace(tzinfo=UTC) + ONE_WEEK * 1.01
    same = (days[0], times[0]) == (days[1], times[1])
    assert same or freeze.open_until(until) is None
