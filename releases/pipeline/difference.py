"""Looking into two packages, or two images, and writing down once how they differ.

No lock is needed: only reads go to AWS, and running twice finds the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog
from django.db.models import F, QuerySet
from django.utils import timezone

from releases.audit.aws_calls import gateway_for
from releases.aws.errors import AwsError, Retryable
from releases.diff import images, tree
from releases.diff.summary import files_in_words
from releases.errors import SluiceError
from releases.models import Compared, Comparison, Function
from releases.packages.errors import PackageError
from releases.packages.manifest import Inspection
from releases.pipeline.holdings import look_into
from releases.pipeline.image_sides import as_json, images_of
from releases.pipeline.line_counts import count_lines

log = structlog.get_logger()
C = TypeVar("C", bound=Compared)

# A package that ends the worker itself would do so for ever.
MOST_TRIES = 5
GAVE_UP = f"Workers broke off at this comparison {MOST_TRIES} times in a row."


class NoDifference(SluiceError):
    """One of the two packages cannot be looked into; the message says which, and why."""


@dataclass(frozen=True)
class Sides:
    """Two CodeSha256 of one function, and what to call them; no `old` where nothing is live."""

    function: Function
    old: str
    new: str
    is_image: bool
    old_name: str
    new_name: str
    # The version that `old` was last seen as, if it may be unknown here.
    old_place: str = ""


@dataclass(frozen=True)
class Outcome:
    """How a comparison ended; WAITING where AWS does not answer now."""

    to: Comparison
    code: str = ""
    counts: dict[str, Any] = field(default_factory=dict)
    problem: str = ""


def take_up(rows: QuerySet[C]) -> C | None:
    """The comparison, if it still waits; counted, so that one that ends workers is given up."""
    waiting = rows.filter(comparison=Comparison.WAITING)
    taken = waiting.update(comparison_tries=F("comparison_tries") + 1)
    return rows.get() if taken else None


def compared(row: Compared, sides: Sides) -> Outcome:
    """Fetch what is missing and compare; safe to run twice and after a crash anywhere."""
    if row.comparison_tries > MOST_TRIES:
        return Outcome(Comparison.FAILED, problem=GAVE_UP)
    try:
        code, counts = _difference(sides)
    except NoDifference as problem:
        return Outcome(Comparison.FAILED, problem=str(problem))
    except Retryable as error:
        log.info("compare.later", function=sides.function.pk, problem=error.name)
        return Outcome(Comparison.WAITING, problem=str(error))
    except AwsError as error:
        return Outcome(Comparison.FAILED, problem=f"{error} {error.advice}")
    return Outcome(Comparison.DONE, code, counts)


def write(rows: QuerySet[C], outcome: Outcome, summary: str) -> bool:
    """Write the end once: another worker's stands. What waits is left for recover()."""
    waiting = rows.filter(comparison=Comparison.WAITING)
    ended = outcome.to != Comparison.WAITING
    return bool(
        waiting.update(
            comparison=outcome.to,
            comparison_problem=outcome.problem,
            comparison_tries=0,
            counts=outcome.counts,
            summary=summary,
            compared_at=timezone.now() if ended else None,
        )
    )


def _difference(sides: Sides) -> tuple[str, dict[str, Any]]:
    """The phrase for the code, and the numbers behind it. Raises NoDifference, AwsError."""
    if sides.old == sides.new:
        return files_in_words(None, same_hash=True), {}
    # As for intakes, its calls are no release's: a worker that takes a release over would
    # otherwise call those of a comparison under way unanswered.
    gateway = gateway_for(sides.function.environment)
    if sides.is_image:
        before, image = images_of(
            sides.old, sides.new, sides.function, gateway, version=sides.old_place
        )
        kept = {"old": as_json(before), "new": as_json(image)}
        return images.compare_images(before, image).sentence, kept

    def inside(code_sha256: str, name: str, place: str = "") -> Inspection:
        try:
            return look_into(code_sha256, sides.function, gateway, version=place)
        except PackageError as error:
            raise NoDifference(f"{name} cannot be looked into. {error.message}") from error

    after = inside(sides.new, sides.new_name)
    known = inside(sides.old, sides.old_name, sides.old_place) if sides.old else None
    found = tree.compare(known, after)
    counts: dict[str, Any] = {kind.name.lower(): found.count(kind) for kind in tree.ChangeKind}
    counts |= {"unchanged": found.unchanged, "lines": count_lines(found, sides.old, sides.new)}
    return files_in_words(found, same_hash=False), counts
