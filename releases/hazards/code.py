"""Hazards of code that goes back by a release: `$LATEST` keeps its settings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from releases import configuration
from releases.aws import runtimes
from releases.aws.errors import NotFound
from releases.aws.gateway import Gateway
from releases.hazards.asked import Job
from releases.hazards.hazard import Hazard, Subject, blocks, fine, warning

NOT_COMPARED = ("Description",)


def known_of_code(subject: Subject, *, today: date) -> Iterator[Hazard]:
    """`live_configuration` of the subject is that of `$LATEST`."""
    runtime = str(subject.live_configuration.get("Runtime") or "")
    if about := runtimes.warning_about(runtime, today=today):
        detail = f"{subject.label} runs there, too. AWS's dates as of {runtimes.AS_OF}."
        yield warning(about, detail)
    if not subject.configuration:
        yield warning(f"The settings of {subject.label} are not known", "They were not compared.")
    elif settings_that_stay(subject):
        text = f"The settings of $LATEST stay: those that {subject.label} had are not put back"
        yield warning(text, "They are listed below.")
    else:
        yield fine(f"$LATEST has the settings that {subject.label} was published with")


def settings_that_stay(subject: Subject) -> list[configuration.Row]:
    """Where `$LATEST` differs from the settings that the version was published with."""
    before, after = (
        {name: value for name, value in each.items() if name not in NOT_COMPARED}
        for each in (subject.configuration, subject.live_configuration)
    )
    return [row for row in configuration.rows(before, after) if row.differs]


def jobs_of_code(gateway: Gateway, subject: Subject, *, is_kept: bool) -> dict[str, Job]:
    return {
        f"{subject.label} itself": lambda: [_version(gateway, subject, is_kept=is_kept)],
        "$LATEST": lambda: [_latest(gateway, subject)],
    }


def _version(gateway: Gateway, subject: Subject, *, is_kept: bool) -> Hazard:
    """Its bytes come from our store or, if they are not there, from AWS."""
    try:
        state = gateway.get_function(subject.name, str(subject.number))
    except NotFound:
        text = f"{subject.label} is not in AWS any more"
        if is_kept:
            return warning(text, "Its code is in Sluice's store and is staged from there.")
        return blocks(text, "It was deleted, and Sluice does not hold its code either.")
    if state.code_sha256 == subject.code_sha256:
        return fine(f"{subject.label} exists in AWS", f"CodeSha256 matches {subject.origin}.")
    text = f"{subject.label} in AWS holds other code than the {subject.label} that Sluice knows"
    detail = "The function was deleted and made anew."
    return warning(text, detail) if is_kept else blocks(text, detail)


def _latest(gateway: Gateway, subject: Subject) -> Hazard:
    state = gateway.get_function(subject.name)
    if state.code_sha256 == subject.live_code:
        return fine("$LATEST holds the code that is shown here")
    text = "$LATEST holds other code in AWS, which Sluice has not heard of yet"
    return warning(text, "It is overwritten; Sluice keeps it if nothing else holds it.")
