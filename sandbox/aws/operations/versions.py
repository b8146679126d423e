"""Versions: publish and list (facts E, G)."""

from sandbox.aws import errors, settings
from sandbox.aws.functions import Function, Revision
from sandbox.aws.operations.code import updatable
from sandbox.aws.operations.registry import Context, Output, operation


@operation("PublishVersion")
def publish_version(ctx: Context) -> Output:
    function = updatable(ctx)
    _check_code(function, ctx.params.get("CodeSha256"))
    before = function.next_version
    version = function.publish(ctx.params.get("Description"))
    if function.next_version != before and ctx.world.timing.publish > 0:
        version.pend(ctx.world.timing.publish, ctx.outcome(function.name))  # facts E2
    return settings.describe(function, version, version.version)


def _check_code(function: Function, given: str | None) -> None:
    actual = function.latest.code.sha256
    if given and given != actual:
        raise errors.invalid(
            f"CodeSHA256 ({given}) is different from current CodeSHA256 in $LATEST ({actual}). "
            "Please try again with the CodeSHA256 in $LATEST."
        )


@operation("ListVersionsByFunction")
def list_versions_by_function(ctx: Context) -> Output:
    function = ctx.function()
    revisions = [function.latest, *function.versions.values()]
    rows = [(found.version, found) for found in revisions]
    return ctx.page(rows, lambda found: _listed(function, found)).answer("Versions")


def _listed(function: Function, revision: Revision) -> Output:
    return settings.describe(function, revision, revision.version, listed=True)
