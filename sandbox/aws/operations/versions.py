"""Versions: publish and list (facts E, G)."""

from sandbox.aws import errors, settings
from sandbox.aws.functions import Function, Revision
from sandbox.aws.operations.code import check_storage, updatable
from sandbox.aws.operations.registry import Context, Output, operation


@operation("PublishVersion")
def publish_version(ctx: Context) -> Output:
    function = updatable(ctx)
    _check_code(function, ctx.params.get("CodeSha256"))
    makes_one = function.has_changed
    if makes_one:
        check_storage(ctx, function.latest.code.size)
    version = function.publish(ctx.params.get("Description"))
    snap = version.settings["SnapStart"]["ApplyOn"] == "PublishedVersions"
    timing = ctx.world.timing
    seconds = max(timing.publish, timing.in_progress if snap else 0)
    if makes_one and (snap or seconds > 0):
        version.pend(seconds, ctx.outcome(function.name))  # facts E2
    return settings.describe(function, version, version.version)


def _check_code(function: Function, given: str | None) -> None:
    actual = function.latest.code.sha256
    if given is not None and given != actual:
        raise errors.invalid(
            f"CodeSHA256 ({given}) is different from current CodeSHA256 in $LATEST ({actual}). "
            "Please try again with the CodeSHA256 in $LATEST."
        )


@operation("ListVersionsByFunction")
def list_versions_by_function(ctx: Context) -> Output:
    function = ctx.function()
    rows = [(found.sort_key, found) for found in (function.latest, *function.published)]
    return ctx.page(rows, lambda found: _listed(function, found)).answer("Versions")


def _listed(function: Function, revision: Revision) -> Output:
    return settings.describe(function, revision, revision.version, listed=True)
