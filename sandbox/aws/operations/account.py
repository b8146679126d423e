"""What belongs to the account or hangs on a function: settings, tags, concurrency (facts L1)."""

from sandbox.aws import errors
from sandbox.aws.functions import Function
from sandbox.aws.limits import UNZIPPED, ZIPPED
from sandbox.aws.names import LATEST, parse
from sandbox.aws.operations.registry import Context, Output, operation

CONCURRENCY = 1000
LEFT_TO_OTHERS = 100
TAGS = 50


@operation("GetAccountSettings")
def get_account_settings(ctx: Context) -> Output:
    return {
        "AccountLimit": {
            "TotalCodeSize": ctx.world.limits.code_storage,
            "CodeSizeUnzipped": UNZIPPED,
            "CodeSizeZipped": ZIPPED,
            "ConcurrentExecutions": CONCURRENCY,
            "UnreservedConcurrentExecutions": unreserved(ctx),
        },
        "AccountUsage": {
            "TotalCodeSize": ctx.store.code_size,
            "FunctionCount": len(ctx.store.functions),
        },
    }


def unreserved(ctx: Context) -> int:
    """What no function keeps for itself, reserved or provisioned."""
    return CONCURRENCY - sum(function.concurrency for function in ctx.store.functions.values())


def _tags(ctx: Context) -> dict[str, str]:
    """The tags of a function, an event source mapping or a code signing configuration."""
    arn: str = ctx.params["Resource"]
    if ":function:" in arn:
        return _tagged(ctx).tags
    there = {mapping["EventSourceMappingArn"] for mapping in ctx.store.event_sources.values()}
    if arn not in there and arn not in ctx.store.signing_configs:
        raise errors.not_found()
    return ctx.store.tags.setdefault(arn, {})


def _tagged(ctx: Context) -> Function:
    target = parse(ctx.params["Resource"], None, ctx.place, ctx.operation)
    if target.qualifier:
        raise errors.invalid(
            "Tags on function aliases and versions are not supported. "
            "Please specify a function ARN."
        )
    return ctx.store.function(target.name)


@operation("ListTags")
def list_tags(ctx: Context) -> Output:
    return {"Tags": dict(_tags(ctx))}


@operation("TagResource")
def tag_resource(ctx: Context) -> Output:
    if not ctx.params["Tags"]:
        raise errors.invalid("An error occurred and the request cannot be processed.")
    tags = _tags(ctx)
    tags.update(checked_tags({**tags, **ctx.params["Tags"]}))
    return {}


def checked_tags(tags: dict[str, str]) -> dict[str, str]:
    """Raises InvalidParameterValueException if nothing may have so many."""
    if len(tags) > TAGS:
        raise errors.invalid("Number of tags exceeds resource tag limit.")
    return tags


@operation("UntagResource")
def untag_resource(ctx: Context) -> Output:
    tags = _tags(ctx)
    for key in ctx.params["TagKeys"]:
        tags.pop(key, None)
    return {}


def _unqualified(ctx: Context) -> Function:
    """Raises ResourceNotFoundException, with $LATEST in the ARN as it was recorded."""
    target = ctx.target()
    if target.qualifier:
        raise errors.invalid(
            "This operation is permitted on Lambda functions only. Aliases and versions do not "
            "support this operation. Please specify either a function name or an unqualified "
            "function ARN."
        )
    if target.name not in ctx.store.functions:
        raise errors.function_not_found(ctx.place.function_arn(target.name, LATEST))
    return ctx.function()


@operation("PutFunctionConcurrency")
def put_function_concurrency(ctx: Context) -> Output:
    function, wanted = _unqualified(ctx), ctx.params["ReservedConcurrentExecutions"]
    left = unreserved(ctx) + function.concurrency - wanted
    if left < LEFT_TO_OTHERS:
        raise errors.invalid(
            "Specified ReservedConcurrentExecutions for function decreases account's "
            "UnreservedConcurrentExecution below its minimum value of "
            f"[{LEFT_TO_OTHERS}].",
            kind=None,
        )
    function.reserved_concurrency = wanted
    return {"ReservedConcurrentExecutions": function.reserved_concurrency}


@operation("GetFunctionConcurrency")
def get_function_concurrency(ctx: Context) -> Output:
    reserved = ctx.function().reserved_concurrency
    return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}


@operation("DeleteFunctionConcurrency")
def delete_function_concurrency(ctx: Context) -> Output:
    ctx.function().reserved_concurrency = None
    return {}
