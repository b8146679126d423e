"""Compare code: have the code of two states of a function compared, for whoever wants to read it.

It is looked for whenever a page shows it, so asking twice costs one query and no work.
"""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from releases import policy, queues
from releases.actions.refusal import recorded_refusal
from releases.audit import Origin, record
from releases.errors import StaleRelease
from releases.models import CodeComparison, Comparison, Function, Release, Round, Version

# Two CodeSha256: from, to.
CodePair = tuple[str, str]


def compare_code(function: Function, *pairs: CodePair) -> dict[CodePair, CodeComparison]:
    """The comparison of each pair, which a worker makes once for ever.

    Pairs of the same code, and those with a side that is not known, have none.
    """
    wanted = {(old, new) for old, new in pairs if old and new and old != new}
    if not wanted:
        return {}
    kept = CodeComparison.objects.filter(
        function=function,
        old_sha256__in=[old for old, _ in wanted],
        new_sha256__in=[new for _, new in wanted],
    )
    found = {(each.old_sha256, each.new_sha256): each for each in kept}
    missing = sorted(wanted - found.keys())
    return {pair: found[pair] for pair in wanted & found.keys()} | {
        pair: _begun(function, pair) for pair in missing
    }


def _begun(function: Function, pair: CodePair) -> CodeComparison:
    with transaction.atomic():
        row, is_new = CodeComparison.objects.get_or_create(
            function=function, old_sha256=pair[0], new_sha256=pair[1]
        )
        if is_new:
            queues.enqueue_code_comparison(row.pk)
    return row


def compare_conflict(release: Release) -> None:
    """Have ready what the page of a conflict that begins will show of the files."""
    function = Function.objects.get(pk=release.function_id)
    live = Version.objects.filter(function=function, number=function.live_version or 0)
    code = live.values_list("code_sha256", flat=True).first() or ""
    approved = approved_code(release, release.current_round)
    now = function.latest_code_sha256
    compare_code(function, (approved, now), (code, now))


def approved_code(release: Release, round_: Round | None) -> str:
    """The package under review; for a release without one, what `$LATEST` held for its review."""
    if release.artifact:
        return release.artifact.code_sha256
    if release.staged:
        return release.staged.code_sha256
    return str(round_.parts["candidate"]["code_sha256"]) if round_ else ""


def compare_code_again(row: CodeComparison, *, by: User, origin: Origin) -> None:
    """Try once more what could not be compared. Raises NotAllowed, StaleRelease."""
    with recorded_refusal("function.compare_refused", by=by, origin=origin, function=row.function):
        policy.require(policy.can_compare_code_again(by, row))
        with transaction.atomic():
            failed = CodeComparison.objects.filter(pk=row.pk, comparison=Comparison.FAILED)
            if not failed.update(comparison=Comparison.WAITING, comparison_problem=""):
                raise StaleRelease("Somebody else had it compared once more a moment ago.")
            record("function.compared_again", by=by, origin=origin, function=row.function)
            queues.enqueue_code_comparison(row.pk)
