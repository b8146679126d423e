"""What AWS says when it refuses: types, statuses and exact sentences (facts W, B, C7)."""

from typing import Any

from botocore.model import StructureShape

from sandbox.aws import model

STALE = (
    "The Revision Id provided does not match the latest Revision Id. "
    "Call the {} API to retrieve the latest Revision Id"
)
NOT_NOW = "The operation cannot be performed at this time. "


class ApiError(Exception):
    """A refusal; its status and the spelling of its message key come from the model (W2, W4)."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int | None = None,
        kind: str | None = "User",
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        shape = model.exceptions().get(code)
        modelled = shape.metadata.get("error", {}) if shape else {}
        self.code = code
        self.message = message
        self.status = status or int(modelled.get("httpStatusCode", 400))
        self.key = (
            "Message"
            if isinstance(shape, StructureShape) and "Message" in shape.members
            else "message"
        )
        self.kind = kind if shape else None
        self.extra = extra or {}

    def body(self) -> dict[str, Any]:
        typed = {"Type": self.kind} if self.kind else {}
        return {**self.extra, **typed, self.key: self.message}


class Dropped(Exception):
    """The connection ends here, without an answer."""


def function_not_found(arn: str) -> ApiError:
    return ApiError("ResourceNotFoundException", f"Function not found: {arn}")


def not_found(message: str = "The resource you requested does not exist.") -> ApiError:
    return ApiError("ResourceNotFoundException", message)


def invalid(message: str, *, kind: str | None = "User") -> ApiError:
    return ApiError("InvalidParameterValueException", message, kind=kind)


def conflict(message: str) -> ApiError:
    return ApiError("ResourceConflictException", message)


def update_in_progress(arn: str) -> ApiError:
    return conflict(f"{NOT_NOW}An update is in progress for resource: {arn}")


def wrong_state(state: str) -> ApiError:
    return conflict(f"{NOT_NOW}The function is currently in the following state: {state}")


def not_ready() -> ApiError:
    return ApiError(
        "ResourceNotReadyException",
        "The function is inactive and its VPC connection is no longer available. "
        "Wait for the VPC connection to reestablish and try again.",
        kind="Service",
    )


def stale_revision(calls: str = "GetFunction/GetAlias") -> ApiError:
    return ApiError("PreconditionFailedException", STALE.format(calls))


def validation(problems: list[str]) -> ApiError:
    """Not one of the modelled exceptions, and without a Type (facts W3)."""
    count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected: "
    return ApiError("ValidationException", count + "; ".join(problems), status=400)


def serialization(message: str) -> ApiError:
    return ApiError("SerializationException", message, status=400)


def too_large(message: str) -> ApiError:
    return ApiError("RequestEntityTooLargeException", message, status=413)


def access_denied(message: str) -> ApiError:
    return ApiError("AccessDeniedException", message, status=403)


def broken() -> ApiError:
    """A bug, here or in moto: AWS would say this, and so do we."""
    return ApiError("ServiceException", "An internal error occurred.", kind="Service")


def throttled() -> ApiError:
    return ApiError(
        "TooManyRequestsException", "Rate exceeded", extra={"Reason": "CallerRateLimitExceeded"}
    )
