"""Who moved a function outside Sluice, and when, for the page of a conflict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from releases.models import Release, Trace
from releases.models.traces import TraceEnd
from releases.states import ReleaseState


@dataclass(frozen=True)
class Changed:
    at: datetime
    operation: str
    who: str
    arn: str


@dataclass(frozen=True)
class Who:
    """`changes` is empty where CloudTrail told of nobody; the sentence then says why."""

    changes: list[Changed]
    sentence: str


SENTENCES = {
    "": "CloudTrail is being asked who it was; it can be 15 minutes behind.",
    TraceEnd.NOBODY: "CloudTrail tells of nobody who changed it.",
    TraceEnd.MAY_NOT: "Sluice may not read CloudTrail here, and cannot say who it was.",
    TraceEnd.FOUND: "",
}


def who(release: Release) -> Who | None:
    """One query, and none but in conflict."""
    if release.state != ReleaseState.CONFLICT:
        return None
    trace = Trace.objects.filter(release=release).first()
    if trace is None:
        return None
    changes = [
        Changed(datetime.fromisoformat(each["at"]), each["operation"], each["who"], each["arn"])
        for each in trace.found
    ]
    return Who(changes, SENTENCES[trace.end])
