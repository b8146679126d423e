"""The configuration of a function: defaults, changes, and how AWS shows it (facts C1, E1, G2)."""

import hashlib
from datetime import datetime
from typing import Any

from sandbox.aws import environment, errors, model
from sandbox.aws.functions import Code, Function, Revision
from sandbox.aws.names import LATEST

PLAIN = (
    "Runtime", "Role", "Handler", "Description", "Timeout", "MemorySize", "DeadLetterConfig",
    "KMSKeyArn", "TracingConfig", "FileSystemConfigs", "EphemeralStorage", "TenancyConfig",
    "CapacityProviderConfig", "DurableConfig", "RuntimeConfig", "AcceleratorConfig",
)  # fmt: skip
DEFAULTS: dict[str, Any] = {
    "Description": "",
    "Timeout": 3,
    "MemorySize": 128,
    "TracingConfig": {"Mode": "PassThrough"},
    "EphemeralStorage": {"Size": 512},
    "SnapStart": {"ApplyOn": "None"},
    "PackageType": "Zip",
    "Architectures": ["x86_64"],
}
EMPTY_MEANS_NONE = ("DeadLetterConfig", "KMSKeyArn", "FileSystemConfigs", "Environment", "Layers")


def initial(name: str, params: dict[str, Any]) -> dict[str, Any]:
    """The settings of a new function."""
    settings = {**DEFAULTS, "LoggingConfig": _logging(name, {})}
    settings["PackageType"] = params.get("PackageType", "Zip")
    if params.get("Architectures"):
        settings["Architectures"] = params["Architectures"]
    settings = changed(name, settings, params)
    zipped = settings["PackageType"] == "Zip"
    if zipped and not (settings.get("Runtime") and settings.get("Handler")):
        raise errors.invalid(
            "Runtime and Handler are mandatory parameters for functions created with "
            "deployment packages."
        )
    return settings


def changed(name: str, settings: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
    """The settings after UpdateFunctionConfiguration; what is left out stays."""
    _check(settings, params)
    after = {**settings, **{key: params[key] for key in PLAIN if params.get(key) is not None}}
    if (asked := params.get("Environment")) is not None:
        given = asked.get("Variables")
        after["Environment"] = {} if given is None else {"Variables": given}  # {} is shown
    if (layers := params.get("Layers")) is not None:
        after["Layers"] = [{"Arn": arn, "CodeSize": 0} for arn in layers]
    if (vpc := params.get("VpcConfig")) is not None:
        after["VpcConfig"] = _vpc(vpc)
    if (logging := params.get("LoggingConfig")) is not None:
        after["LoggingConfig"] = _logging(name, {**after["LoggingConfig"], **logging})
    if snap_start := params.get("SnapStart"):
        after["SnapStart"] = {"ApplyOn": snap_start.get("ApplyOn", "None")}
    if (image := params.get("ImageConfig")) is not None:
        after["ImageConfigResponse"] = {"ImageConfig": image}
    if params.get("DeadLetterConfig") == {"TargetArn": ""}:
        del after["DeadLetterConfig"]
    return {k: v for k, v in after.items() if v or k not in EMPTY_MEANS_NONE}


def describe(
    function: Function, revision: Revision, qualifier: str | None = None, *, listed: bool = False
) -> dict[str, Any]:
    """A FunctionConfiguration; the qualifier asked for ends its ARN (facts F1)."""
    code = revision.code
    shown = {
        "FunctionName": function.name,
        "FunctionArn": function.place.function_arn(function.name, qualifier),
        "CodeSize": code.size,
        "CodeSha256": code.sha256,
        "LastModified": timestamp(revision.modified_at),
        "Version": revision.version,
        "RevisionId": revision.revision_id,
        **revision.settings,
        **_signer(code),
        "SnapStart": _snap_start(revision),
    }
    return shown if listed else {**shown, **_status(revision), **_runtime_version(revision)}


def _signer(code: Code) -> dict[str, str]:
    shown = {
        "SigningProfileVersionArn": code.signing_profile_version_arn,
        "SigningJobArn": code.signing_job_arn,
    }
    return {name: arn for name, arn in shown.items() if arn}


def timestamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"


def _status(revision: Revision) -> dict[str, Any]:
    found: dict[str, Any] = {"State": revision.state}
    if revision.state_reason:
        found |= {
            "StateReason": revision.state_reason.reason,
            "StateReasonCode": revision.state_reason.code,
        }
    if revision.update_status:
        found["LastUpdateStatus"] = revision.update_status
    if revision.update_reason:
        found |= {
            "LastUpdateStatusReason": revision.update_reason.reason,
            "LastUpdateStatusReasonCode": revision.update_reason.code,
        }
    return found


def _runtime_version(revision: Revision) -> dict[str, Any]:
    runtime = revision.settings.get("Runtime")
    if not runtime:
        return {}
    digest = hashlib.sha256(runtime.encode()).hexdigest()
    return {
        "RuntimeVersionConfig": {"RuntimeVersionArn": f"arn:aws:lambda:us-east-1::runtime:{digest}"}
    }


def _snap_start(revision: Revision) -> dict[str, str]:
    apply_on = revision.settings["SnapStart"]["ApplyOn"]
    optimised = apply_on == "PublishedVersions" and revision.version != LATEST
    return {"ApplyOn": apply_on, "OptimizationStatus": "On" if optimised else "Off"}


def _logging(name: str, given: dict[str, Any]) -> dict[str, Any]:
    config = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}", **given}
    if config["LogFormat"] == "JSON":
        return {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", **config}
    return {"LogFormat": config["LogFormat"], "LogGroup": config["LogGroup"]}


def _vpc(given: dict[str, Any]) -> dict[str, Any]:
    subnets = given.get("SubnetIds") or []
    return {
        "SubnetIds": subnets,
        "SecurityGroupIds": given.get("SecurityGroupIds") or [],
        "VpcId": "vpc-0000000000000000a" if subnets else "",
        "Ipv6AllowedForDualStack": bool(given.get("Ipv6AllowedForDualStack")),
    }


def _check(settings: dict[str, Any], params: dict[str, Any]) -> None:
    environment.check((params.get("Environment") or {}).get("Variables") or {})
    _check_runtime(params.get("Runtime"))
    if len(params.get("Layers") or []) > 5:
        raise errors.invalid("Cannot reference more than 5 layers.")
    image = settings.get("PackageType") == "Image"
    if image and any(params.get(key) for key in ("Runtime", "Handler", "Layers")):
        raise errors.invalid(
            "Please don't provide Handler or Runtime or Layer when the intended function "
            "PackageType is Image."
        )


def _check_runtime(given: str | None) -> None:
    """Of all the choices this one is refused in words of its own."""
    choices = model.service().shape_for("Runtime").metadata["enum"]
    if given and given not in choices:
        raise errors.invalid(
            f"Value {given} at 'runtime' failed to satisfy constraint: Member must satisfy enum "
            f"value set: [{', '.join(choices)}] or be a valid ARN"
        )
