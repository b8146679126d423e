"""Function URLs, kept only so that a reader sees what calls a function."""

import secrets
from datetime import UTC, datetime
from typing import Any

from sandbox.aws import errors, settings
from sandbox.aws.functions import Function
from sandbox.aws.names import LATEST
from sandbox.aws.operations.registry import Context, Output, as_it_is, operation


def _opened(ctx: Context) -> tuple[Function, str, str]:
    target = ctx.target()
    function = ctx.store.function(target.name, target.qualifier)
    function.find(target.qualifier)
    arn = ctx.place.function_arn(function.name, target.qualifier)
    return function, target.qualifier or LATEST, arn


def _config(function: Function, qualifier: str) -> dict[str, Any]:
    found = function.urls.get(qualifier)
    if found is None:
        raise errors.not_found()
    return found


@operation("CreateFunctionUrlConfig")
def create_function_url_config(ctx: Context) -> Output:
    function, qualifier, arn = _opened(ctx)
    if qualifier in function.urls:
        raise errors.conflict(
            f"Failed to create function url config for [functionArn = {arn}]. Error message:  "
            "FunctionUrlConfig exists for this Lambda function"
        )
    now = settings.timestamp(datetime.now(UTC))
    host = f"{secrets.token_hex(16)}.lambda-url.{ctx.place.region}.on.aws"
    function.urls[qualifier] = {
        "FunctionUrl": f"https://{host}/",
        "FunctionArn": arn,
        "AuthType": ctx.params["AuthType"],
        "InvokeMode": ctx.params.get("InvokeMode") or "BUFFERED",
        "CreationTime": now,
        "LastModifiedTime": now,
        **({"Cors": ctx.params["Cors"]} if ctx.params.get("Cors") else {}),
    }
    return function.urls[qualifier]


@operation("GetFunctionUrlConfig")
def get_function_url_config(ctx: Context) -> Output:
    function, qualifier, _ = _opened(ctx)
    return _config(function, qualifier)


@operation("DeleteFunctionUrlConfig")
def delete_function_url_config(ctx: Context) -> Output:
    function, qualifier, _ = _opened(ctx)
    _config(function, qualifier)
    del function.urls[qualifier]
    return {}


@operation("ListFunctionUrlConfigs")
def list_function_url_configs(ctx: Context) -> Output:
    function, _, _ = _opened(ctx)
    return ctx.page(sorted(function.urls.items()), as_it_is).answer("FunctionUrlConfigs")
