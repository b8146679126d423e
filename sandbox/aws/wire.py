"""The rest-json protocol: parameters out of requests, answers into responses (facts W)."""

import base64
import binascii
import json
import re
import uuid
from typing import Any
from xml.sax.saxutils import escape

from botocore.model import ListShape, MapShape, Shape, StructureShape

from sandbox.aws import errors, validation
from sandbox.aws.http import Request, Response
from sandbox.aws.limits import REQUEST
from sandbox.aws.routes import Match

# The model says 200, AWS answers 204 (facts W5).
STATUS = {"DeleteFunction": 204}
JSON_TYPE, JSON = "Content-Type", "application/json"
TYPES = {"string": str, "boolean": bool, "integer": int, "long": int}
S3 = "<Error><Code>{code}</Code><Message>{message}</Message></Error>"
QUERY = f"<ErrorResponse>{S3}</ErrorResponse>"
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
XML = {
    "s3": S3,
    "sts": QUERY,
    "iam": QUERY,
}


def read_parameters(request: Request, match: Match) -> dict[str, Any]:
    """Everything a request says, of the right types and within the model's constraints."""
    shape = match.operation.input_shape
    if shape is None:
        return {}
    payload = shape.serialization.get("payload")
    content = _content(request, match.operation.name)
    body = {payload: content} if payload else _body(content)
    params: dict[str, Any] = {}
    for name, member in shape.members.items():
        if member.serialization.get("location") == "header":
            value = request.headers.get(member.serialization["name"])
        else:
            value = _located(name, member, match, body)
        if value is not None:
            params[name] = convert(member, value)
    return validated(shape, params)


def validated(shape: StructureShape, params: dict[str, Any]) -> dict[str, Any]:
    if found := list(validation.problems(shape, params)):
        raise errors.validation(found)
    return params


def _content(request: Request, operation: str) -> bytes:
    if request.length > REQUEST:
        raise errors.too_large(
            f"Request must be smaller than {REQUEST} bytes for the {operation} operation"
        )
    return request.read()


def _body(content: bytes) -> dict[str, Any]:
    if not content:
        return {}
    try:
        text = content.decode()
        found = json.loads(text)
        if SURROGATE.search(text):
            json.dumps(found, ensure_ascii=False).encode()  # a lone one is not a character
    except (ValueError, RecursionError):
        raise errors.serialization("Could not parse request body into json") from None
    if not isinstance(found, dict):
        raise errors.serialization("Start of structure or map found where not expected.")
    return found


def _located(name: str, member: Shape, match: Match, body: dict[str, Any]) -> Any:
    place = member.serialization.get("location")
    wire_name = member.serialization.get("name", name)
    if place == "uri":
        return _from_text(member, match.labels[wire_name]) if wire_name in match.labels else None
    if place == "querystring":
        values = match.query.get(wire_name)
        if values is None or isinstance(member, ListShape):
            return values
        return _from_text(member, values[0])
    return body.get(wire_name) if place is None else None


def _from_text(member: Shape, text: str) -> Any:
    if member.type_name in ("integer", "long"):
        try:
            return int(text)
        except ValueError:
            raise errors.serialization(
                f"STRING_VALUE can not be converted to an {member.type_name.title()}"
            ) from None
    return text == "true" if member.type_name == "boolean" else text


def convert(shape: Shape, value: Any) -> Any:
    """JSON into what the operations work with: bytes for blobs, floats for weights."""
    if value is None:
        return None
    if isinstance(shape, StructureShape):
        known = shape.members
        found = _expect(value, dict).items()
        return {key: convert(known[key], item) for key, item in found if key in known}
    if isinstance(shape, ListShape):
        return [convert(shape.member, item) for item in _expect(value, list)]
    if isinstance(shape, MapShape):
        return {key: convert(shape.value, item) for key, item in _expect(value, dict).items()}
    if shape.type_name == "blob":
        return value if isinstance(value, bytes) else _decoded(_expect(value, str))
    if shape.type_name in ("double", "float"):
        return _float(_expect(value, (int, float)))
    expected = TYPES.get(shape.type_name)
    return _expect(value, expected) if expected else value


def _expect(value: Any, kind: Any) -> Any:
    right = isinstance(value, kind) and not (isinstance(value, bool) and kind is int)
    if not right:
        raise errors.serialization(
            f"{type(value).__name__.upper()}_VALUE can not be converted to the expected type"
        )
    return value


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        raise errors.serialization("Numeric value out of range") from None


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise errors.serialization("Invalid Base64 character in a blob") from None


def new_request_id() -> str:
    return str(uuid.uuid4())


def success(match_operation: str, status: int, body: dict[str, Any]) -> Response:
    if match_operation == "Invoke":
        executed = [(JSON_TYPE, JSON), ("X-Amz-Executed-Version", body["ExecutedVersion"])]
        return Response(body["StatusCode"], executed, body["Payload"].encode())
    status = STATUS.get(match_operation, status)
    if status == 204:
        return Response(status, [], b"")
    return Response(status, [("Content-Type", JSON)], json.dumps(body).encode())


def failure(error: errors.ApiError, service: str = "lambda") -> Response:
    if service in XML:
        body = XML[service].format(code=escape(error.code), message=escape(error.message))
        return Response(error.status, [("Content-Type", "text/xml")], body.encode())
    headers = [("Content-Type", JSON), ("x-amzn-ErrorType", error.code)]
    if service != "lambda":  # JSON 1.1, where the body tells the type
        told = {"__type": error.code, "message": error.message}
        return Response(error.status, headers, json.dumps(told).encode())
    if error.code == "TooManyRequestsException":
        headers.append(("Retry-After", "1"))
    return Response(error.status, headers, json.dumps(error.body()).encode())
