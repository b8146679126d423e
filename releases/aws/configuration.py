"""What counts as a function's configuration, in one normal form without any secret.

Two functions configured alike give equal dictionaries: what AWS leaves out and its default are
the same, lists whose order means nothing are sorted, environment values are keyed digests.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from releases.aws.types import LATEST

# The only "variable" of an environment that AWS could not decrypt; no variable can be called so.
UNREADABLE = "!unreadable"

Answer = Mapping[str, Any]


def _part(answer: Answer, field: str) -> Answer:
    return answer.get(field) or {}


def _vpc(answer: Answer) -> dict[str, Any]:
    vpc = _part(answer, "VpcConfig")
    return {
        "SubnetIds": sorted(vpc.get("SubnetIds", [])),
        "SecurityGroupIds": sorted(vpc.get("SecurityGroupIds", [])),
        "Ipv6AllowedForDualStack": bool(vpc.get("Ipv6AllowedForDualStack", False)),
    }


def _file_systems(answer: Answer) -> list[dict[str, str]]:
    systems = [
        {
            "Arn": system.get("Arn", ""),
            "LocalMountPath": system.get("LocalMountPath", ""),
            "DirectS3Read": _part(system, "S3FilesConfig").get("DirectS3Read", ""),
        }
        for system in answer.get("FileSystemConfigs") or []
    ]
    return sorted(systems, key=lambda system: (system["LocalMountPath"], system["Arn"]))


def _image(answer: Answer) -> dict[str, Any]:
    image = _part(_part(answer, "ImageConfigResponse"), "ImageConfig")
    return {
        "EntryPoint": list(image.get("EntryPoint") or []),
        "Command": list(image.get("Command") or []),
        "WorkingDirectory": image.get("WorkingDirectory") or "",
    }


def _logging(answer: Answer) -> dict[str, str]:
    logging = _part(answer, "LoggingConfig")
    return {
        "LogFormat": logging.get("LogFormat", "Text"),
        "ApplicationLogLevel": logging.get("ApplicationLogLevel", ""),
        "SystemLogLevel": logging.get("SystemLogLevel", ""),
        "LogGroup": logging.get("LogGroup") or f"/aws/lambda/{answer['FunctionName']}",
    }


_NORMAL_FORMS: dict[str, Callable[[Answer], Any]] = {
    "Architectures": lambda answer: list(answer.get("Architectures") or ["x86_64"]),
    "DeadLetterConfig": lambda answer: _part(answer, "DeadLetterConfig").get("TargetArn", ""),
    "EphemeralStorage": lambda answer: _part(answer, "EphemeralStorage").get("Size", 512),
    "FileSystemConfigs": _file_systems,
    "Handler": lambda answer: answer.get("Handler", ""),
    "ImageConfig": _image,
    "KMSKeyArn": lambda answer: answer.get("KMSKeyArn") or "",
    # Their order decides which layer's file wins.
    "Layers": lambda answer: [layer["Arn"] for layer in answer.get("Layers") or []],
    "LoggingConfig": _logging,
    "MemorySize": lambda answer: answer.get("MemorySize", 128),
    "Role": lambda answer: answer.get("Role", ""),
    "Runtime": lambda answer: answer.get("Runtime", ""),
    "SnapStart": lambda answer: _part(answer, "SnapStart").get("ApplyOn", "None"),
    "Timeout": lambda answer: answer.get("Timeout", 3),
    "TracingConfig": lambda answer: _part(answer, "TracingConfig").get("Mode", "PassThrough"),
    "VpcConfig": _vpc,
}

CONFIGURATION_FIELDS = tuple(sorted([*_NORMAL_FORMS, "Description", "Environment"]))


def normal_configuration(answer: Answer, digest_key: bytes) -> dict[str, Any]:
    """The normal form of a FunctionConfiguration.

    A published version has no Description here: its own is the name of an attempt (facts E6).
    """
    configuration = {field: form(answer) for field, form in _NORMAL_FORMS.items()}
    configuration["Environment"] = _environment(answer, digest_key)
    if answer["Version"] == LATEST:
        configuration["Description"] = answer.get("Description", "")
    return configuration


def is_environment_readable(configuration: Mapping[str, Any]) -> bool:
    """Whether AWS decrypted the environment. If not, that two look alike proves nothing."""
    return UNREADABLE not in configuration.get("Environment", {})


def unqualified(arn: str) -> str:
    """The ARN of the function itself, without a version or alias (facts F1)."""
    return ":".join(arn.split(":")[:7])


def _environment(answer: Answer, digest_key: bytes) -> dict[str, str]:
    environment = _part(answer, "Environment")
    if "Error" in environment:
        return {UNREADABLE: UNREADABLE}
    arn = unqualified(answer["FunctionArn"])
    variables: Mapping[str, str] = environment.get("Variables") or {}
    return {key: _digest(digest_key, arn, key, variables[key]) for key in sorted(variables)}


def _digest(digest_key: bytes, *parts: str) -> str:
    message = "\0".join(parts).encode()
    return "hmac:" + hmac.new(digest_key, message, hashlib.sha256).hexdigest()[:16]
