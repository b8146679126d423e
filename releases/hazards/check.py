"""All hazards of one rollback, within a deadline: nobody waits for AWS to be warned."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from queue import Empty, SimpleQueue
from threading import Thread

from django.utils import timezone

from releases.audit.aws_calls import urgent_reader_for
from releases.aws.errors import AccessDenied, AwsError
from releases.hazards.asked import Job, jobs
from releases.hazards.hazard import Hazard, Level, Subject, warning
from releases.hazards.known import known_hazards
from releases.models import Function, Version

DEADLINE = 2.5
_ORDER = list(Level)


def check(function: Function, version: Version, live: Version | None) -> list[Hazard]:
    """What blocks comes first, then what is only to be known. Never raises for AWS."""
    subject = _subject(function, version, live)
    gateway = urgent_reader_for(function.environment)
    found = known_hazards(subject, today=timezone.now().date())
    found += _asked(jobs(gateway, subject), deadline=DEADLINE)
    return sorted(found, key=lambda each: _ORDER.index(each.level))


def _subject(function: Function, version: Version, live: Version | None) -> Subject:
    return Subject(
        name=function.name,
        alias=function.live_alias,
        number=version.number,
        code_sha256=version.code_sha256,
        origin=version.release.reference if version.release else "what Sluice knows",
        live_number=function.live_version,
        configuration=version.configuration,
        live_configuration=live.configuration if live else {},
    )


def _asked(asked: Mapping[str, Job], *, deadline: float) -> list[Hazard]:
    """Ask all at once; what has not answered by then could not be read.

    In daemon threads, which touch no database: a hung connection keeps neither the page waiting
    nor the process alive.
    """
    answers: SimpleQueue[tuple[str, list[Hazard]]] = SimpleQueue()
    for what, job in asked.items():
        Thread(target=_put(answers, what, job), daemon=True).start()
    ends, found, open_ = time.monotonic() + deadline, list[Hazard](), set(asked)
    while open_ and (left := ends - time.monotonic()) > 0:
        try:
            what, hazards = answers.get(timeout=left)
        except Empty:
            break
        found += hazards
        open_.remove(what)
    late = f"AWS did not answer within {deadline:.1f} s."
    return found + [_unread(what, late) for what in asked if what in open_]


def _put(answers: SimpleQueue[tuple[str, list[Hazard]]], what: str, job: Job) -> Callable[[], None]:
    def run() -> None:
        try:
            found = job()
        except AccessDenied as error:
            found = [_unread(what, f"AWS does not let Sluice ask ({error.operation}).")]
        except AwsError as error:
            found = [_unread(what, f"{error.headline}.")]
        answers.put((what, found))

    return run


def _unread(what: str, why: str) -> Hazard:
    return warning(f"{what} could not be read", why)
