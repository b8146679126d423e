"""Hazards that Sluice knows without asking AWS: versions and their settings never change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from releases.aws import runtimes
from releases.aws.configuration import is_environment_readable
from releases.hazards.hazard import Hazard, Subject, warning


def known_hazards(subject: Subject, *, today: date) -> list[Hazard]:
    found = [*_runtime(subject, today)]
    if not subject.configuration or not subject.live_configuration:
        text = f"The settings of {subject.label} and {subject.live_label} are not both known"
        return [*found, warning(text, "They could not be compared.")]
    for look in (_role, _dead_letters, _architecture, _environment):
        found += look(subject)
    return found


def _runtime(subject: Subject, today: date) -> Iterator[Hazard]:
    runtime = str(subject.configuration.get("Runtime") or "")
    if about := runtimes.warning_about(runtime, today=today):
        detail = f"{subject.label} still runs there. AWS's dates as of {runtimes.AS_OF}."
        yield warning(about, detail)


def _changed(subject: Subject, setting: str) -> tuple[Any, Any] | None:
    before, after = (
        each.get(setting) for each in (subject.live_configuration, subject.configuration)
    )
    return (before, after) if before != after else None


def _role(subject: Subject) -> Iterator[Hazard]:
    if changed := _changed(subject, "Role"):
        before, after = (str(arn or "none").rpartition("/")[2] for arn in changed)
        yield warning(f"{subject.label} runs with another role", f"{before} → {after}")


def _dead_letters(subject: Subject) -> Iterator[Hazard]:
    if changed := _changed(subject, "DeadLetterConfig"):
        before, after = (str(arn or "nowhere").rpartition(":")[2] for arn in changed)
        text = f"{subject.label} sends events that it cannot handle elsewhere"
        yield warning(text, f"{before} → {after}")


def _architecture(subject: Subject) -> Iterator[Hazard]:
    if changed := _changed(subject, "Architectures"):
        before, after = (", ".join(each or ["unknown"]) for each in changed)
        yield warning(f"{subject.label} runs on another architecture", f"{before} → {after}")


def _environment(subject: Subject) -> Iterator[Hazard]:
    both = (subject.live_configuration, subject.configuration)
    if not all(is_environment_readable(each) for each in both):
        yield warning("The environment could not be decrypted by AWS, so it was not compared")
        return
    before, after = (set(each.get("Environment") or {}) for each in both)
    if gone := sorted(before - after):
        keys = "environment key" if len(gone) == 1 else f"{len(gone)} environment keys"
        yield warning(f"{subject.label} does without {keys} of {subject.live_label}", _list(gone))


def _list(names: list[str], most: int = 8) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
