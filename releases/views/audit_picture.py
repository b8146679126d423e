"""The picture of activity over time above the history: bars that narrow the time to theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest

from releases.audit.activity import DAY, HOUR, MINUTE, Activity, Bar
from releases.audit.search import Search
from releases.views.filters import query_with

HEIGHT = 64
# What a finger hits; on a phone the picture scrolls in its frame.
STEP, GAP = 28, 4
MINUTES = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class Drawn:
    """One bar: where it stands, what it says, and the page that it leads to."""

    x: int
    y: int
    height: int
    count: int
    words: str
    label: str
    href: str


@dataclass(frozen=True)
class Picture:
    """`earlier` leads to the same picture of what came before, if it does not show all."""

    drawn: list[Drawn]
    count: int
    highest: int
    unit: str
    first: datetime
    last: datetime
    earlier: str

    @property
    def width(self) -> int:
        """With room for the last label, which is wider than its bar."""
        return STEP * (len(self.drawn) + 1)


def picture(request: HttpRequest, search: Search, activity: Activity | None) -> Picture | None:
    if activity is None:
        return None
    narrow = activity.width > MINUTE
    bars = activity.bars
    drawn = [
        _drawn(activity, at, _narrowed(request, search, bar) if narrow and bar.count else "")
        for at, bar in enumerate(bars)
    ]
    # Up to the first that is counted: its own minute is shown once more, and none is left out.
    to = activity.first.strftime(MINUTES)
    return Picture(
        drawn=drawn,
        count=activity.count,
        highest=activity.highest,
        unit=unit(activity.width),
        first=activity.first,
        last=bars[-1].ends,
        earlier=query_with(request, to=to, before=None) if activity.is_cut else "",
    )


def _drawn(activity: Activity, at: int, href: str) -> Drawn:
    bar = activity.bars[at]
    height = -(-bar.count * HEIGHT // activity.highest)
    return Drawn(
        x=at * STEP,
        y=HEIGHT - height,
        height=height,
        count=bar.count,
        words=_words(bar, activity.width),
        label=_label(activity, at),
        href=href,
    )


def _narrowed(request: HttpRequest, search: Search, bar: Bar) -> str:
    """The bar's own time, as far as it was asked for: a bar may begin before that, or end after."""
    begins = max(bar.begins, search.begins or bar.begins)
    last = min(bar.ends, search.ends or bar.ends) - MINUTE
    times = {"from": begins.strftime(MINUTES), "to": last.strftime(MINUTES)}
    return query_with(request, **times, before=None)


def _words(bar: Bar, width: timedelta) -> str:
    events = f"{bar.count:,} event" + ("" if bar.count == 1 else "s")
    if width < DAY:
        return f"{bar.begins:%a %-d %b %Y %H:%M} to {bar.ends:%H:%M}: {events}"
    if width == DAY:
        return f"{bar.begins:%a %-d %b %Y}: {events}"
    return f"{bar.begins:%-d %b %Y} to {bar.ends - DAY:%-d %b %Y}: {events}"


def _label(activity: Activity, at: int) -> str:
    """A word under every fifth bar: its day, or its time with the day where that is new."""
    if at % 5:
        return ""
    begins = activity.bars[at].begins
    if activity.width >= DAY:
        return f"{begins:%-d %b}" if activity.width < 28 * DAY else f"{begins:%b %Y}"
    return f"{begins:%H:%M}"


def unit(width: timedelta) -> str:
    """`2 hours`, `day`: what one bar stands for."""
    for length, name in ((7 * DAY, "week"), (DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if width % length == timedelta():
            many = width // length
            return name if many == 1 else f"{many} {name}s"
    raise ValueError(width)
