"""What belongs to the account or hangs on a function: settings, tags, concurrency (facts L1)."""

from sandbox.aws import errors
from sandbox.aws.functions import Function
from sandbox.aws.limits import UNZIPPED, ZIPPED
from sandbox.aws.names import parse
from sandbox.aws.operations.registry import Context, Output, operation

CONCURRENCY = 1000


@operation("GetAccountSettings")
def get_account_settings(ctx: Context) -> Output:
    functions = ctx.store.functions.values()
    reserved = sum(function.reserved_concurrency or 0 for function in functions)
    return {
        "AccountLimit": {
            "TotalCodeSize": ctx.world.limits.code_storage,
            "CodeSizeUnzipped": UNZIPPED,
            "CodeSizeZipped": ZIPPED,
            "ConcurrentExecutions": CONCURRENCY,
            "UnreservedConcurrentExecutions": CONCURRENCY - reserved,
        },
        "AccountUsage": {
            "TotalCodeSize": ctx.store.code_size,
            "FunctionCount": len(ctx.store.functions),
        },
    }


def _tagged(ctx: Context) -> Function:
    target = parse(ctx.params["Resource"], None, ctx.place, ctx.operation)
    if target.qualifier:
        raise errors.invalid("Tagging operations are permitted on unqualified ARNs only.")
    return ctx.store.function(target.name)


@operation("ListTags")
def list_tags(ctx: Context) -> Output:
    return {"Tags": dict(_tagged(ctx).tags)}


@operation("TagResource")
def tag_resource(ctx: Context) -> Output:
    _tagged(ctx).tags.update(ctx.params["Tags"])
    return {}


@operation("UntagResource")
def untag_resource(ctx: Context) -> Output:
    tags = _tagged(ctx).tags
    for key in ctx.params["TagKeys"]:
        tags.pop(key, None)
    return {}


@operation("PutFunctionConcurrency")
def put_function_concurrency(ctx: Context) -> Output:
    function = ctx.function()
    function.reserved_concurrency = ctx.params["ReservedConcurrentExecutions"]
    return {"ReservedConcurrentExecutions": function.reserved_concurrency}


@operation("GetFunctionConcurrency")
def get_function_concurrency(ctx: Context) -> Output:
    reserved = ctx.function().reserved_concurrency
    return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}


@operation("DeleteFunctionConcurrency")
def delete_function_concurrency(ctx: Context) -> Output:
    ctx.function().reserved_concurrency = None
    return {}
