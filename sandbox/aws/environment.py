"""Environment variables: which may be set, and how much of them fits (facts L1)."""

import json

from sandbox.aws import errors

LIMIT = 4096
UNABLE = (
    "Lambda was unable to configure your environment variables because the environment variables "
    "you have provided "
)
RESERVED = frozenset((
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
))  # fmt: skip


def check(variables: dict[str, str]) -> None:
    """Raises InvalidParameterValueException; AWS repeats the values when they are too long."""
    if reserved := [name for name in variables if name in RESERVED]:
        raise errors.invalid(
            f"{UNABLE}contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) > LIMIT:
        raise errors.invalid(f"{UNABLE}exceeded the 4KB limit. String measured: {measured}")
