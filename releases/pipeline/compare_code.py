"""Comparing the code of two states of a function, for whoever wants to read the difference.

Nothing of the function changes by it, so the history says nothing; the AWS calls are kept.
"""

from __future__ import annotations

from django.db import transaction

from releases import fingerprint, live
from releases.models import CodeComparison, Release
from releases.pipeline.difference import Sides, compared, take_up, write
from releases.states import ReleaseState


def compare_code(comparison_id: int) -> None:
    """Compare, once; safe to run twice and after a crash anywhere.

    What AWS does not answer now is left for recover().
    """
    rows = CodeComparison.objects.select_related("function__environment").filter(pk=comparison_id)
    found = take_up(rows)
    if found is None:
        return
    outcome = compared(found, _sides(found))
    with transaction.atomic():
        if write(rows, outcome, outcome.code):
            live.changed(*_topics(found))


def _sides(found: CodeComparison) -> Sides:
    function = found.function
    return Sides(
        function=function,
        old=found.old_sha256,
        new=found.new_sha256,
        is_image=function.package_type == "Image",
        old_name=f"The code {fingerprint.short(found.old_sha256)}",
        new_name=f"The code {fingerprint.short(found.new_sha256)}",
        # The one version that callers may run before its row is here.
        old_place=str(function.live_version or ""),
    )


def _topics(found: CodeComparison) -> list[str]:
    """Its own page, and those of the conflicts that may show it."""
    stuck = Release.objects.filter(function=found.function_id, state=ReleaseState.CONFLICT)
    releases = [f"release-{pk}" for pk in stuck.values_list("pk", flat=True)]
    return [f"comparison-{found.pk}", *releases]
