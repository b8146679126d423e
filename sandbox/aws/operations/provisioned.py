"""Provisioned concurrency of versions and aliases, as far as it meets releases (facts H9)."""

from sandbox.aws import errors
from sandbox.aws.aliases import Alias, Provisioned
from sandbox.aws.functions import Function
from sandbox.aws.names import LATEST
from sandbox.aws.operations.account import LEFT_TO_OTHERS, unreserved
from sandbox.aws.operations.registry import Context, Output, operation
from sandbox.aws.timing import clock


def _checked(ctx: Context) -> tuple[Function, str]:
    """The function and the version or alias that is meant; both must be there."""
    target = ctx.target()
    qualifier = target.qualifier or ctx.params["Qualifier"]
    if qualifier == LATEST:
        raise errors.invalid(
            "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
        )
    function = ctx.store.function(target.name, qualifier)
    if not qualifier.isdecimal() and qualifier not in function.aliases:
        raise errors.not_found(f"Cannot find alias arn: {function.arn}:{qualifier}")
    function.find(qualifier)
    return function, qualifier


def _check_exclusive(function: Function, qualifier: str) -> None:
    """A version is provisioned once: by itself, or through one alias without weights."""
    alias = function.aliases.get(qualifier)
    if alias is None:
        if any(other.version == qualifier for other in _provisioned_aliases(function)):
            raise errors.conflict("Version is pointed by a Provisioned Concurrency alias")
        return
    if alias.shown_weights():
        raise errors.invalid("Alias with weights can not be used with Provisioned Concurrency")
    if alias.version in function.provisioned:
        raise errors.conflict(
            "Alias can't be used for Provisioned Concurrency configuration on an already "
            "Provisioned version"
        )


def _check_concurrency(ctx: Context, function: Function, qualifier: str) -> None:
    """It comes out of the function's reserved concurrency, or else out of the account's."""
    had = function.provisioned.get(qualifier)
    others = sum(each.executions for each in function.provisioned.values())
    total = others - (had.executions if had else 0) + ctx.params["ProvisionedConcurrentExecutions"]
    if function.reserved_concurrency is not None:
        if total > function.reserved_concurrency:
            raise errors.invalid(
                "Requested Provisioned Concurrency should not be greater than the "
                "reservedConcurrentExecution for function"
            )
        return
    if unreserved(ctx) + function.concurrency - total < LEFT_TO_OTHERS:
        raise errors.invalid(
            "Specified ConcurrentExecutions for function decreases account's "
            f"UnreservedConcurrentExecution below its minimum value of [{LEFT_TO_OTHERS}]."
        )


def _provisioned_aliases(function: Function) -> list[Alias]:
    return [alias for name, alias in function.aliases.items() if name in function.provisioned]


@operation("PutProvisionedConcurrencyConfig")
def put_provisioned_concurrency_config(ctx: Context) -> Output:
    function, qualifier = _checked(ctx)
    _check_exclusive(function, qualifier)
    _check_concurrency(ctx, function, qualifier)
    found = Provisioned(
        ctx.params["ProvisionedConcurrentExecutions"], clock() + ctx.world.timing.provision
    )
    function.provisioned[qualifier] = found
    return found.describe()


@operation("GetProvisionedConcurrencyConfig")
def get_provisioned_concurrency_config(ctx: Context) -> Output:
    function, qualifier = _checked(ctx)
    found = function.provisioned.get(qualifier)
    if found is None:
        raise errors.ApiError(
            "ProvisionedConcurrencyConfigNotFoundException",
            "No Provisioned Concurrency Config found for this function",
        )
    return found.describe()


@operation("DeleteProvisionedConcurrencyConfig")
def delete_provisioned_concurrency_config(ctx: Context) -> Output:
    function, qualifier = _checked(ctx)
    function.provisioned.pop(qualifier, None)
    return {}


@operation("ListProvisionedConcurrencyConfigs")
def list_provisioned_concurrency_configs(ctx: Context) -> Output:
    function = ctx.function()
    rows = sorted(function.provisioned.items())

    def shown(row: tuple[str, Provisioned]) -> Output:
        return {"FunctionArn": f"{function.arn}:{row[0]}", **row[1].describe()}

    return ctx.page([(row[0], row) for row in rows], shown).answer("ProvisionedConcurrencyConfigs")
