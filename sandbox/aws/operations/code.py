"""UpdateFunctionCode, dry runs included (facts B, C, D)."""

from dataclasses import replace

from sandbox.aws import errors, layers, settings, signatures, sources
from sandbox.aws.functions import Code, Function
from sandbox.aws.names import LATEST
from sandbox.aws.operations.registry import Context, Output, operation


@operation("UpdateFunctionCode")
def update_function_code(ctx: Context) -> Output:
    function = updatable(ctx)
    package_type = function.latest.settings["PackageType"]
    sources.check_package_type(ctx.params, package_type)
    code = sources.read(ctx.params, package_type, ctx.place, ctx.world.packages)
    configured = dict(function.latest.settings)
    code = signatures.verified(function, code, configured, ctx.world.packages, ctx.store)
    configured["Architectures"] = ctx.params.get("Architectures") or configured["Architectures"]
    layers.check_size(ctx.store.layers, configured, code)
    copies = 2 if ctx.params.get("Publish") else 1
    check_storage(ctx, copies * code.size - function.latest.code.size)
    if ctx.params.get("DryRun"):
        return _rehearse(function, code, configured)
    return _apply(ctx, function, code, configured)


def _rehearse(function: Function, code: Code, configured: Output) -> Output:
    """The hash of the code that was given; nothing is changed (facts D1, D2)."""
    imagined = replace(function.latest, code=code, settings=configured)
    return settings.describe(function, imagined)


def _apply(ctx: Context, function: Function, code: Code, configured: Output) -> Output:
    timing = ctx.world.timing
    outcome = ctx.outcome(function.name)
    function.update(timing.in_progress, outcome, code=code, settings=configured)
    if not ctx.params.get("Publish"):
        return settings.describe(function, function.latest)
    version = function.publish()
    version.pend(max(timing.in_progress, timing.publish), outcome)
    return settings.describe(function, version, version.version)  # facts C4


def updatable(ctx: Context) -> Function:
    """The function whose $LATEST may be changed: 404, 412, then 409 (facts B5, U4)."""
    target = ctx.target()
    if target.qualifier not in (None, LATEST):
        raise errors.invalid("Current operation does not support versions other than $LATEST")
    function = ctx.store.function(target.name)
    function.require_revision(ctx.params.get("RevisionId"))
    function.require_settled()
    return function


def check_storage(ctx: Context, more: int) -> None:
    """Refuse what would be stored beyond the limit; `more` is what comes less what goes (L1)."""
    if ctx.store.code_size + more > ctx.world.limits.code_storage:
        raise errors.ApiError("CodeStorageExceededException", "Code storage limit exceeded.")
