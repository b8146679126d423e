"""Comparing what a round reviews with what is live: for the reviewers, and nothing else.

No lock is needed: only reads go to AWS, and running twice finds the same.
"""

from __future__ import annotations

from typing import Any

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from releases import live
from releases.audit import record
from releases.audit.aws_calls import gateway_for
from releases.aws.errors import AwsError, Retryable
from releases.diff import images, tree
from releases.diff.summary import files_in_words
from releases.errors import SluiceError
from releases.models import Comparison, Round
from releases.packages.errors import PackageError
from releases.packages.manifest import Inspection
from releases.pipeline.holdings import look_into
from releases.pipeline.image_sides import as_json, images_of
from releases.pipeline.line_counts import count_lines
from releases.summary import summary

log = structlog.get_logger()

# A package that ends the worker itself would do so for ever.
MOST_TRIES = 5
GAVE_UP = f"Workers broke off at this comparison {MOST_TRIES} times in a row."


class NoDifference(SluiceError):
    """One of the two packages cannot be looked into; the message says which, and why."""


def compare(round_id: int) -> None:
    """Compare candidate and baseline, once; safe to run twice and after a crash anywhere.

    What AWS does not answer now is left for recover(), which tries as long as the round is open.
    """
    waiting = Round.objects.filter(pk=round_id, comparison=Comparison.WAITING)
    if not waiting.update(comparison_tries=F("comparison_tries") + 1):
        return
    round_ = Round.objects.select_related(
        "release__function__environment", "release__artifact", "baseline", "checked"
    )
    found = round_.get(pk=round_id)
    if found.comparison_tries > MOST_TRIES:
        _fail(found, GAVE_UP)
        return
    try:
        code, counts = _difference(found)
    except NoDifference as problem:
        _fail(found, str(problem))
    except Retryable as error:
        log.info("compare.later", round=round_id, problem=error.name)
        waiting.update(comparison_tries=0, comparison_problem=str(error))
        live.changed(f"release-{found.release_id}")
    except AwsError as error:
        _fail(found, f"{error} {error.advice}")
    else:
        said = {"summary": summary(code, found.parts)}
        _end(found, Comparison.DONE, "release.compared", said, counts=counts, **said)


def _difference(round_: Round) -> tuple[str, dict[str, Any]]:
    """The phrase for the code, and the numbers behind it. Raises NoDifference, AwsError."""
    candidate, baseline = round_.parts["candidate"], round_.parts["baseline"]
    new, old = candidate["code_sha256"], baseline.get("code_sha256", "")
    if old == new:
        return files_in_words(None, same_hash=True), {}
    if round_.release.is_image:
        before, image = images_of(round_, old, new)
        kept = {"old": as_json(before), "new": as_json(image)}
        return images.compare_images(before, image).sentence, kept
    after = _look_into(round_, new, "The package under review")
    known = _look_into(round_, old, "What is live", baseline["version"]) if old else None
    found = tree.compare(known, after)
    counts: dict[str, Any] = {kind.name.lower(): found.count(kind) for kind in tree.ChangeKind}
    counts |= {"unchanged": found.unchanged, "lines": count_lines(found, old, new)}
    return files_in_words(found, same_hash=False), counts


def _look_into(round_: Round, code_sha256: str, what: str, version: str = "") -> Inspection:
    release = round_.release
    # As for intakes, its calls are not the release's: a worker that takes the release over would
    # otherwise call those of a comparison under way unanswered.
    gateway = gateway_for(release.function.environment)
    try:
        return look_into(code_sha256, release.function, gateway, version=version)
    except PackageError as error:
        raise NoDifference(f"{what} cannot be looked into. {error.message}") from error


def _fail(round_: Round, problem: str) -> None:
    said = {"problem": problem}
    _end(round_, Comparison.FAILED, "release.not_compared", said, comparison_problem=problem)


def _end(round_: Round, to: Comparison, event: str, said: dict[str, Any], **fields: Any) -> None:
    """Write the end once: another worker's stands."""
    waiting = Round.objects.filter(pk=round_.pk, comparison=Comparison.WAITING)
    with transaction.atomic():
        cleared = {"comparison_problem": "", "comparison_tries": 0, "compared_at": timezone.now()}
        if not waiting.update(comparison=to, **cleared | fields):
            return
        record(event, by=None, release=round_.release, round=round_.number, **said)
