"""Comparing what a round reviews with what is live: for the reviewers, and nothing else."""

from __future__ import annotations

from django.db import transaction

from releases import live
from releases.audit import record
from releases.models import Comparison, Round
from releases.pipeline.difference import Sides, compared, take_up, write
from releases.summary import summary


def compare(round_id: int) -> None:
    """Compare candidate and baseline, once; safe to run twice and after a crash anywhere.

    What AWS does not answer now is left for recover(), which tries as long as the round is open.
    """
    related = Round.objects.select_related("release__function__environment", "release__artifact")
    rows = related.filter(pk=round_id)
    round_ = take_up(rows)
    if round_ is None:
        return
    outcome, release = compared(round_, _sides(round_)), round_.release
    if outcome.to == Comparison.WAITING:
        write(rows, outcome, "")
        live.changed(f"release-{release.pk}")
        return
    done = outcome.to == Comparison.DONE
    said = summary(outcome.code, round_.parts) if done else ""
    with transaction.atomic():
        if not write(rows, outcome, said):
            return
        if done:
            record("release.compared", by=None, release=release, round=round_.number, summary=said)
        else:
            record("release.not_compared", by=None, release=release, round=round_.number,
                   problem=outcome.problem)  # fmt: skip


def _sides(round_: Round) -> Sides:
    candidate, baseline = round_.parts["candidate"], round_.parts["baseline"]
    return Sides(
        function=round_.release.function,
        old=baseline.get("code_sha256", ""),
        new=candidate["code_sha256"],
        is_image=round_.release.is_image,
        old_name="What is live",
        new_name="The package under review",
        old_place=baseline.get("version", ""),
    )
