"""Aliases: create, read, update, delete, list (facts A9, H)."""

from typing import Any

from sandbox.aws import errors
from sandbox.aws.aliases import Alias, check_routing
from sandbox.aws.functions import Function
from sandbox.aws.operations.registry import Context, Output, as_it_is, operation

WEIGHTS = "AdditionalVersionWeights"


def _weights(params: dict[str, Any]) -> dict[str, float] | None:
    """None when nothing was said about weights, which keeps the ones there are (facts H6)."""
    routing = params.get("RoutingConfig")
    if routing is None or routing.get(WEIGHTS) is None:
        return None
    return {version: float(weight) for version, weight in routing[WEIGHTS].items()}


@operation("CreateAlias")
def create_alias(ctx: Context) -> Output:
    name, version = ctx.params["Name"], ctx.params["FunctionVersion"]
    function = ctx.store.function(ctx.target().name, version)
    weights = _weights(ctx.params) or {}
    check_routing(function, version, weights)
    arn = f"{function.arn}:{name}"
    if name in function.aliases:
        raise errors.conflict(f"Alias already exists: {arn}")
    alias = Alias(name, version, ctx.params.get("Description") or "", weights)
    function.aliases[name] = alias
    return alias.describe(function.arn)


def _alias(ctx: Context, missing: str) -> tuple[Function, Alias]:
    target = ctx.target()
    function = ctx.store.functions.get(target.name)
    alias = function.aliases.get(ctx.params["Name"]) if function else None
    if function is None or alias is None:
        arn = ctx.place.function_arn(target.name, ctx.params["Name"])
        raise errors.not_found(missing.format(arn))
    return function, alias


@operation("GetAlias")
def get_alias(ctx: Context) -> Output:
    function, alias = _alias(ctx, "Cannot find alias arn: {}")
    return alias.describe(function.arn)


@operation("UpdateAlias")
def update_alias(ctx: Context) -> Output:
    function, alias = _alias(ctx, "Alias not found: {}")
    expected = ctx.params.get("RevisionId")
    if expected is not None and expected != alias.revision_id:
        raise errors.stale_revision()
    version = ctx.params.get("FunctionVersion") or alias.version
    given = _weights(ctx.params)
    weights = alias.weights if given is None else given
    check_routing(function, version, weights)
    if alias.name in function.provisioned and version != alias.version:
        alias.leave(alias.version, ctx.world.timing.provision)
    alias.version, alias.weights = version, weights
    if ctx.params.get("Description") is not None:
        alias.description = ctx.params["Description"]
    alias.touch()  # even when nothing changed (facts A9)
    return alias.describe(function.arn)


@operation("DeleteAlias")
def delete_alias(ctx: Context) -> Output:
    function = ctx.function()
    function.aliases.pop(ctx.params["Name"], None)
    function.provisioned.pop(ctx.params["Name"], None)
    return {}


@operation("ListAliases")
def list_aliases(ctx: Context) -> Output:
    function = ctx.function()
    wanted = ctx.params.get("FunctionVersion")
    rows = [
        (name, alias.describe(function.arn))
        for name, alias in sorted(function.aliases.items())
        if wanted is None or wanted == alias.version or wanted in alias.weights
    ]
    return ctx.page(rows, as_it_is).answer("Aliases")
