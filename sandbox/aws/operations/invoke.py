"""Invoke: runs nothing, but knows when a function could not be run (facts J6)."""

from sandbox.aws import errors
from sandbox.aws.operations.registry import Context, Output, operation
from sandbox.aws.timing import clock

STATUS = {"Event": 202, "DryRun": 204}


@operation("Invoke")
def invoke(ctx: Context) -> Output:
    """The first call of an Inactive function fails and wakes it; so do calls until it is up."""
    target = ctx.target()
    function = ctx.store.function(target.name, target.qualifier)
    revision = function.find(target.qualifier)
    if revision.state == "Inactive":
        revision.restore(ctx.world.timing.create, ctx.outcome(function.name))
    if revision.is_restoring:
        raise errors.not_ready()
    if revision.state != "Active":
        raise errors.wrong_state(revision.state)
    revision.used_at = clock()
    status = STATUS.get(ctx.params.get("InvocationType") or "", 200)
    return {"StatusCode": status, "ExecutedVersion": revision.version, "Payload": "null"}
