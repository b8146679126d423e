"""All hazards of one rollback, within a deadline: nobody waits for AWS to be warned."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from threading import Thread

from django.utils import timezone

from releases.audit.aws_calls import urgent_reader_for
from releases.aws.errors import AccessDenied, AwsError
from releases.aws.types import AliasState
from releases.hazards.asked import Job, jobs
from releases.hazards.code import jobs_of_code, known_of_code
from releases.hazards.hazard import Hazard, Level, Subject, warning
from releases.hazards.known import known_hazards
from releases.models import Function, Version

DEADLINE = 2.5
_ORDER = list(Level)


@dataclass(frozen=True)
class Looked:
    """What blocks comes first, then what is only to be known; `alias` if AWS told it in time."""

    hazards: list[Hazard]
    alias: AliasState | None = None


def check(function: Function, version: Version, live: Version | None) -> Looked:
    """All that speaks against a rollback, and where the alias points. Never raises for AWS."""
    told: list[AliasState] = []
    subject = _subject(function, version, live)
    gateway = urgent_reader_for(function.environment)
    found = known_hazards(subject, today=timezone.now().date())
    found += _asked(jobs(gateway, subject, told), deadline=DEADLINE)
    found.sort(key=lambda each: _ORDER.index(each.level))
    return Looked(found, next(iter(told), None))


def check_code(function: Function, version: Version, *, is_kept: bool) -> list[Hazard]:
    """The hazards of a function whose code goes back by a release."""
    subject = code_subject(function, version)
    gateway = urgent_reader_for(function.environment)
    found = list(known_of_code(subject, today=timezone.now().date()))
    found += _asked(jobs_of_code(gateway, subject, is_kept=is_kept), deadline=DEADLINE)
    return sorted(found, key=lambda each: _ORDER.index(each.level))


def code_subject(function: Function, version: Version) -> Subject:
    subject = _subject(function, version, None)
    return replace(
        subject,
        live_configuration=function.latest_configuration,
        live_code=function.latest_code_sha256,
    )


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
    ends, told = time.monotonic() + deadline, dict[str, list[Hazard]]()
    while len(told) < len(asked) and (left := ends - time.monotonic()) > 0:
        try:
            what, hazards = answers.get(timeout=left)
        except Empty:
            break
        told[what] = hazards
    late = f"AWS did not answer within {deadline:.1f} s."
    # As they were asked, whoever answered first.
    return [each for what in asked for each in told.get(what, [_unread(what, late)])]


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
