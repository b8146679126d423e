"""Functions: create, read, list, delete (facts A1, F, I)."""

from typing import Any

from sandbox.aws import errors, layers, settings, signatures, sources
from sandbox.aws.functions import Code, Function, Revision
from sandbox.aws.names import LATEST
from sandbox.aws.operations.account import checked_tags
from sandbox.aws.operations.code import check_storage
from sandbox.aws.operations.registry import Context, Output, operation

NAME_LIMIT = 64


@operation("CreateFunction")
def create_function(ctx: Context) -> Output:
    name = ctx.target().name
    _check_name(ctx.params["FunctionName"], name)
    if name in ctx.store.functions:
        raise errors.conflict(f"Function already exist: {name}")
    configured = settings.initial(name, ctx.params)
    configured = layers.attached(ctx.store.layers, ctx.place, configured)
    source = ctx.params["Code"]
    _check_source(source, configured["PackageType"])
    code = sources.read(source, configured["PackageType"], ctx.place, ctx.world.packages)
    layers.check_size(ctx.store.layers, configured, code)
    check_storage(ctx, code.size * (2 if ctx.params.get("Publish") else 1))
    function = Function(ctx.place, name, Revision(LATEST, code, configured))
    function.tags = checked_tags(dict(ctx.params.get("Tags") or {}))
    function.code_signing_config_arn = ctx.params.get("CodeSigningConfigArn") or ""
    function.latest.code = signatures.verified(
        function, code, configured, ctx.world.packages, ctx.store
    )
    ctx.store.functions[name] = function
    function.latest.pend(ctx.world.timing.create, ctx.outcome(name))
    if not ctx.params.get("Publish"):
        return settings.describe(function, function.latest)
    version = function.publish()
    version.pend(ctx.world.timing.create)
    return settings.describe(function, version)  # unqualified ARN, unlike an update's (facts C4)


def _check_name(written: str, name: str) -> None:
    """Of all the constraints this one comes as another type (facts F6)."""
    if len(name) > NAME_LIMIT:
        raise errors.invalid(
            f"1 validation error detected: Value '{written}' at 'functionName' failed to satisfy "
            f"constraint: Member must have length less than or equal to {NAME_LIMIT}"
        )


def _check_source(source: dict[str, Any], package_type: str) -> None:
    if package_type == "Zip" and source.get("ImageUri"):
        raise errors.invalid(
            "Please don't provide ImageUri when creating a function with packageType Zip."
        )
    if package_type == "Image" and not source.get("ImageUri"):
        raise errors.invalid(
            "Please provide ImageUri when creating a function with packageType Image."
        )
    sources.check_package_type(source, package_type)


@operation("GetFunction")
def get_function(ctx: Context) -> Output:
    target = ctx.target()
    function = ctx.store.function(target.name, target.qualifier)
    revision = function.find(target.qualifier)
    answer: Output = {
        "Configuration": settings.describe(function, revision, target.qualifier),
        "Code": _location(ctx, function, revision.code),
    }
    if function.tags and target.qualifier is None:  # tags and concurrency: facts F2
        answer["Tags"] = dict(function.tags)
    if function.reserved_concurrency is not None and target.qualifier is None:
        answer["Concurrency"] = {"ReservedConcurrentExecutions": function.reserved_concurrency}
    return answer


def _location(ctx: Context, function: Function, code: Code) -> Output:
    if code.resolved_image_uri:
        return {
            "RepositoryType": "ECR",
            "ImageUri": code.image_uri,
            "ResolvedImageUri": code.resolved_image_uri,
        }
    url = ctx.world.downloads.url(ctx.place, function.name, code.package)
    key = {"SourceKMSKeyArn": code.source_kms_key_arn} if code.source_kms_key_arn else {}
    return {"RepositoryType": "S3", "Location": url, **key}


@operation("GetFunctionConfiguration")
def get_function_configuration(ctx: Context) -> Output:
    target = ctx.target()
    function = ctx.store.function(target.name, target.qualifier)
    return settings.describe(function, function.find(target.qualifier), target.qualifier)


@operation("ListFunctions")
def list_functions(ctx: Context) -> Output:
    every = ctx.params.get("FunctionVersion") == "ALL"
    rows: list[tuple[str, Listed]] = []
    for name, function in sorted(ctx.store.functions.items()):
        function.settle(ctx.world.timing.idle)
        for found in (function.latest, *(function.published if every else ())):
            # A name's end sorts before every letter of a longer name.
            key = f"{name}\0{found.sort_key}"
            rows.append((key, (function, found, found.version if every else None)))
    return ctx.page(rows, _listed).answer("Functions")


Listed = tuple[Function, Revision, str | None]


def _listed(row: Listed) -> Output:
    function, revision, qualifier = row
    return settings.describe(function, revision, qualifier, listed=True)


@operation("DeleteFunction")
def delete_function(ctx: Context) -> Output:
    target = ctx.target()
    if target.qualifier == LATEST:  # recorded even of a function that is not there
        raise errors.invalid("$LATEST version cannot be deleted without deleting the function.")
    function = ctx.store.function(target.name)
    if target.qualifier is None:
        del ctx.store.functions[target.name]
    else:
        _delete_version(function, target.qualifier)
    return {}


def _delete_version(function: Function, qualifier: str) -> None:
    if not qualifier.isdecimal():
        raise errors.invalid("Deletion of aliases is not currently supported.")
    pointing = [
        name
        for name, alias in function.aliases.items()
        if alias.version == qualifier or qualifier in alias.weights
    ]
    if pointing:
        raise errors.conflict(
            "Unable to delete version because the following aliases reference it: "
            f"[{', '.join(pointing)}]"
        )
    function.forget(int(qualifier))  # a version that never was: 204 too (facts I1)
