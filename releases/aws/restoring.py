"""Writing a published version's configuration back to `$LATEST`.

Environment values are read and sent here, in one function's memory: no answer, record or error
carries them further.
"""

from collections.abc import Callable, Mapping
from typing import Any

from releases.aws.calls import Caller
from releases.aws.configuration import is_environment_readable, normal_configuration
from releases.aws.errors import Permanent, RevisionMismatch

Answer = Mapping[str, Any]
OPERATION = "UpdateFunctionConfiguration"


def _part(answer: Answer, field: str) -> Answer:
    return answer.get(field) or {}


def _vpc(version: Answer) -> dict[str, Any]:
    vpc = _part(version, "VpcConfig")
    found = {key: list(vpc.get(key) or []) for key in ("SubnetIds", "SecurityGroupIds")}
    dual = bool(vpc.get("Ipv6AllowedForDualStack"))
    return found | ({"Ipv6AllowedForDualStack": dual} if found["SubnetIds"] else {})


# What UpdateFunctionConfiguration takes for each setting; left out it would stay as it is.
_REQUESTS: dict[str, Callable[[Answer], Any]] = {
    "DeadLetterConfig": lambda v: {"TargetArn": _part(v, "DeadLetterConfig").get("TargetArn", "")},
    "Environment": lambda v: {"Variables": dict(_part(v, "Environment").get("Variables") or {})},
    "EphemeralStorage": lambda v: {"Size": _part(v, "EphemeralStorage").get("Size", 512)},
    "FileSystemConfigs": lambda v: list(v.get("FileSystemConfigs") or []),
    "Handler": lambda v: v.get("Handler", ""),
    "ImageConfig": lambda v: dict(_part(_part(v, "ImageConfigResponse"), "ImageConfig")),
    "KMSKeyArn": lambda v: v.get("KMSKeyArn") or "",
    "Layers": lambda v: [layer["Arn"] for layer in v.get("Layers") or []],
    "LoggingConfig": lambda v: dict(_part(v, "LoggingConfig")),
    "MemorySize": lambda v: v.get("MemorySize", 128),
    "Role": lambda v: v.get("Role", ""),
    "Runtime": lambda v: v.get("Runtime", ""),
    "SnapStart": lambda v: {"ApplyOn": _part(v, "SnapStart").get("ApplyOn", "None")},
    "Timeout": lambda v: v.get("Timeout", 3),
    "TracingConfig": lambda v: {"Mode": _part(v, "TracingConfig").get("Mode", "PassThrough")},
    "VpcConfig": _vpc,
}


def restore_configuration(
    caller: Caller, name: str, version: str, *, revision_id: str, description: str | None
) -> tuple[str, ...]:
    """Send what of `version` differs from `$LATEST` at `revision_id`, and name the fields.

    Nothing is sent if nothing differs. `description` is `$LATEST`'s own: a version's names the
    attempt that published it. Raises RevisionMismatch if `$LATEST` is another one by now,
    Permanent if its environment cannot be read, AwsError.
    """
    latest, published = _read(caller, name, ""), _read(caller, name, version)
    if latest["RevisionId"] != revision_id:
        raise RevisionMismatch(
            f"$LATEST of {name} was changed again a moment ago.", operation=OPERATION
        )
    wanted = _wanted(caller.settings.digest_key, latest, published)
    if description is not None and latest.get("Description", "") != description:
        wanted["Description"] = description
    if not wanted:
        return ()
    values = _part(wanted, "Environment").get("Variables") or {}
    fields = tuple(sorted(wanted))
    summary: dict[str, Any] = {"FunctionName": name, "RevisionId": revision_id, "Fields": fields}
    if values:
        summary["EnvironmentKeys"] = sorted(values)
    request = {"FunctionName": name, "RevisionId": revision_id} | wanted
    caller.call(
        "lambda",
        OPERATION,
        request,
        lambda answer: None,
        is_write=True,
        summary=summary,
        secrets=values.values(),
    )
    return fields


def _read(caller: Caller, name: str, qualifier: str) -> Answer:
    request = {"FunctionName": name} | ({"Qualifier": qualifier} if qualifier else {})

    def read(answer: Answer) -> Answer:
        configuration: Answer = answer["Configuration"]
        return configuration

    return caller.call("lambda", "GetFunction", request, read)


def _wanted(digest_key: bytes, latest: Answer, published: Answer) -> dict[str, Any]:
    now, then = (normal_configuration(each, digest_key) for each in (latest, published))
    if not (is_environment_readable(now) and is_environment_readable(then)):
        raise Permanent(
            "AWS could not decrypt the environment variables, so they cannot be written back.",
            name="EnvironmentUnreadable",
            operation=OPERATION,
        )
    differing = [field for field in _REQUESTS if now[field] != then[field]]
    return {field: _REQUESTS[field](published) for field in differing}
