"""Code signing configurations (facts K)."""

import secrets
from datetime import UTC, datetime
from typing import Any

from sandbox.aws import errors, settings
from sandbox.aws.operations.registry import Context, Output, as_it_is, operation

WARN = {"UntrustedArtifactOnDeployment": "Warn"}


def _config(ctx: Context) -> dict[str, Any]:
    arn = ctx.params["CodeSigningConfigArn"]
    found = ctx.store.signing_configs.get(arn)
    if found is None:
        raise errors.ApiError(
            "CodeSigningConfigNotFoundException",
            "The code signing configuration cannot be found. "
            f"Check that the provided configuration is not deleted: {arn}.",
        )
    return found


def _change(config: dict[str, Any], params: dict[str, Any]) -> Output:
    for key in ("Description", "AllowedPublishers", "CodeSigningPolicies"):
        if params.get(key) is not None:
            config[key] = params[key]
    config["LastModified"] = settings.timestamp(datetime.now(UTC))
    return {"CodeSigningConfig": config}


@operation("CreateCodeSigningConfig")
def create_code_signing_config(ctx: Context) -> Output:
    identifier = f"csc-{secrets.token_hex(9)[:17]}"
    arn = ctx.place.arn("code-signing-config", identifier)
    config: dict[str, Any] = {
        "CodeSigningConfigId": identifier,
        "CodeSigningConfigArn": arn,
        "CodeSigningPolicies": dict(WARN),
    }
    ctx.store.signing_configs[arn] = config
    ctx.store.tags[arn] = dict(ctx.params.get("Tags") or {})
    return _change(config, ctx.params)


@operation("GetCodeSigningConfig")
def get_code_signing_config(ctx: Context) -> Output:
    return {"CodeSigningConfig": _config(ctx)}


@operation("UpdateCodeSigningConfig")
def update_code_signing_config(ctx: Context) -> Output:
    return _change(_config(ctx), ctx.params)


@operation("DeleteCodeSigningConfig")
def delete_code_signing_config(ctx: Context) -> Output:
    arn = _config(ctx)["CodeSigningConfigArn"]
    if any(f.code_signing_config_arn == arn for f in ctx.store.functions.values()):
        raise errors.conflict(
            "Cannot delete the CodeSigningConfig because it is used by functions."
        )
    del ctx.store.signing_configs[arn]
    ctx.store.tags.pop(arn, None)
    return {}


@operation("ListCodeSigningConfigs")
def list_code_signing_configs(ctx: Context) -> Output:
    return ctx.page(sorted(ctx.store.signing_configs.items()), as_it_is).answer(
        "CodeSigningConfigs"
    )


@operation("PutFunctionCodeSigningConfig")
def put_function_code_signing_config(ctx: Context) -> Output:
    arn = _config(ctx)["CodeSigningConfigArn"]  # looked for before the function is (facts K2)
    function = ctx.function()
    function.code_signing_config_arn = arn
    return {"CodeSigningConfigArn": arn, "FunctionName": function.name}


@operation("GetFunctionCodeSigningConfig")
def get_function_code_signing_config(ctx: Context) -> Output:
    function = ctx.function()
    arn = function.code_signing_config_arn
    return {"CodeSigningConfigArn": arn, "FunctionName": function.name} if arn else {}  # K1


@operation("DeleteFunctionCodeSigningConfig")
def delete_function_code_signing_config(ctx: Context) -> Output:
    ctx.function().code_signing_config_arn = ""
    return {}


@operation("ListFunctionsByCodeSigningConfig")
def list_functions_by_code_signing_config(ctx: Context) -> Output:
    arn = _config(ctx)["CodeSigningConfigArn"]
    functions = ctx.store.functions.values()
    return {"FunctionArns": [f.arn for f in functions if f.code_signing_config_arn == arn]}
