"""Layers: publish, read, list, delete (facts L1)."""

from typing import Any

from sandbox.aws import errors, settings, sources
from sandbox.aws.functions import Code
from sandbox.aws.layers import ARN, Layer, LayerVersion
from sandbox.aws.operations.code import check_storage
from sandbox.aws.operations.registry import Context, Output, operation

ABOUT = ("Description", "LicenseInfo", "CompatibleRuntimes", "CompatibleArchitectures")
FILTERS = {
    "CompatibleRuntime": "CompatibleRuntimes",
    "CompatibleArchitecture": "CompatibleArchitectures",
}


@operation("PublishLayerVersion")
def publish_layer_version(ctx: Context) -> Output:
    name, source = _name(ctx), ctx.params["Content"]
    sources.check_package_type(source, "Zip")
    code = sources.read(source, "Zip", ctx.place, ctx.world.packages)
    check_storage(ctx, code.size)
    layer = ctx.store.layers.setdefault(name, Layer(name, ctx.place.arn("layer", name)))
    given = {key: ctx.params[key] for key in ABOUT if ctx.params.get(key)}
    version = layer.publish(code, {"Description": "", **given})
    return _with_content(ctx, layer, version)


@operation("GetLayerVersion")
def get_layer_version(ctx: Context) -> Output:
    return _found(ctx, _name(ctx), _number(ctx))


@operation("GetLayerVersionByArn")
def get_layer_version_by_arn(ctx: Context) -> Output:
    match = ARN.fullmatch(ctx.params["Arn"])
    if match is None or match[1] != ctx.place.arn("layer", match[4]):
        raise errors.not_found()
    return _found(ctx, match[4], int(match[5]))


@operation("ListLayerVersions")
def list_layer_versions(ctx: Context) -> Output:
    layer = ctx.store.layers.get(_name(ctx))
    found = layer.published if layer else []
    # The newest comes first, and keys must rise.
    rows = [(f"{10**9 - each.number:010}", each) for each in found if _fits(ctx, each)]
    return ctx.page(rows, _shown).answer("LayerVersions")


@operation("ListLayers")
def list_layers(ctx: Context) -> Output:
    rows = [
        (name, {"LayerName": name, "LayerArn": layer.arn, "LatestMatchingVersion": _shown(fit[0])})
        for name, layer in sorted(ctx.store.layers.items())
        if (fit := [each for each in layer.published if _fits(ctx, each)])
    ]
    return ctx.page(rows, lambda row: row).answer("Layers")


@operation("DeleteLayerVersion")
def delete_layer_version(ctx: Context) -> Output:
    """A version that never was: 204 too."""
    layer = ctx.store.layers.get(_name(ctx))
    if layer and (version := layer.find(_number(ctx))):
        version.is_deleted = True
    return {}


def _name(ctx: Context) -> str:
    """The bare name of a layer of this account and Region, also out of its ARN."""
    written: str = ctx.params["LayerName"]
    name = written.rpartition(":")[2]
    if written not in (name, ctx.place.arn("layer", name)):
        raise errors.not_found()
    return name


def _number(ctx: Context) -> int:
    number: int = ctx.params["VersionNumber"]
    if number < 1:
        raise errors.invalid("Layer Version Cannot be less than 1.")
    return number


def _found(ctx: Context, name: str, number: int) -> Output:
    layer = ctx.store.layers.get(name)
    version = layer.find(number) if layer else None
    if layer is None or version is None:
        raise errors.not_found()
    return _with_content(ctx, layer, version)


def _fits(ctx: Context, version: LayerVersion) -> bool:
    wanted = {ours: ctx.params[key] for key, ours in FILTERS.items() if ctx.params.get(key)}
    return all(value in version.about.get(ours, []) for ours, value in wanted.items())


def _shown(version: LayerVersion) -> dict[str, Any]:
    return {
        "LayerVersionArn": version.arn,
        "Version": version.number,
        "CreatedDate": settings.timestamp(version.created_at),
        **version.about,
    }


def _with_content(ctx: Context, layer: Layer, version: LayerVersion) -> Output:
    code: Code = version.code
    content = {
        "Location": ctx.world.downloads.url(ctx.place, layer.name, code.package),
        "CodeSha256": code.sha256,
        "CodeSize": code.size,
    }
    return {"Content": content, "LayerArn": layer.arn, **_shown(version)}
