"""The ways to name a Lambda function: a plain name, a partial ARN, an ARN (facts F5, F6)."""

import re
from dataclasses import dataclass

MAX_NAME = 64
MAX_IDENTIFIER = 140

# As in Lambda's service model; a test compares the two.
IDENTIFIER_PATTERN = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?"
    r"((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?"
    r"(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?"
)
_PARTITION, _REGION, _ACCOUNT, _NAME, _QUALIFIER = 2, 3, 9, 11, 13
_IDENTIFIER = re.compile(IDENTIFIER_PATTERN, re.ASCII)

FUNCTION_NAME = re.compile(rf"[a-zA-Z0-9-_]{{1,{MAX_NAME}}}", re.ASCII)
# Not the ARN of an access point: that may lie in any account and Region.
BUCKET_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{2,62}", re.ASCII)
NOT_A_BUCKET = (
    "A bucket's name has 3 to 63 letters, digits, dots, hyphens and underscores; an ARN or an"
    " address is not one."
)
_EXAMPLE = "arn:aws:lambda:eu-west-1:123456789012:function:name"


class InvalidName(ValueError):
    """Not a name or ARN of a function; the message is a sentence that says why."""


@dataclass(frozen=True)
class FunctionId:
    """What an identifier says; what it leaves out is None."""

    name: str
    account_id: str | None = None
    region: str | None = None
    partition: str | None = None
    qualifier: str | None = None


def parse_identifier(text: str, *, allow_qualifier: bool = False) -> FunctionId:
    """Read a name, a partial ARN or an ARN as Lambda does. Raises InvalidName."""
    text = text.strip()
    if not text:
        raise InvalidName("Enter the name or the ARN of a function.")
    match = _IDENTIFIER.fullmatch(text)
    if match is None:
        raise InvalidName(_what_is_wrong(text))
    name, qualifier = match[_NAME], match[_QUALIFIER]
    if len(name) > MAX_NAME:
        raise InvalidName(
            f"A function's name has at most {MAX_NAME} characters; this one has {len(name)}."
        )
    if len(text) > MAX_IDENTIFIER:
        raise InvalidName(
            f"A function's ARN has at most {MAX_IDENTIFIER} characters; this one has {len(text)}."
        )
    if qualifier and not allow_qualifier:
        raise InvalidName(
            f"Leave out the version or alias “{qualifier}”: name the function itself, “{name}”."
        )
    return FunctionId(
        name,
        _before_colon(match[_ACCOUNT]),
        _before_colon(match[_REGION]),
        match[_PARTITION],
        qualifier,
    )


def _before_colon(part: str | None) -> str | None:
    return part[:-1] if part else None


def _what_is_wrong(text: str) -> str:
    return _wrong_arn(text.split(":")) if text.startswith("arn:") else _wrong_name(text)


def _wrong_arn(parts: list[str]) -> str:
    partition, service, region, account, kind, name = (parts[1:] + [""] * 6)[:6]
    if service and service != "lambda":
        return f"This is an ARN of {service}, not of Lambda."
    if kind and kind != "function":
        return f"This ARN names a Lambda {kind}, not a function."
    if not name:
        return f"This ARN is not complete; a function's looks like {_EXAMPLE}."
    if not re.fullmatch(r"aws[a-zA-Z-]*", partition):
        return f"“{partition}” is not an AWS partition; a function's ARN looks like {_EXAMPLE}."
    if not re.fullmatch(r"\d{12}", account, re.ASCII):
        return f"The account in this ARN must be 12 digits, not “{account}”."
    if not _IDENTIFIER.fullmatch(f"{region}:function:x"):
        return f"“{region}” is not an AWS Region."
    if len(parts) > 8:
        return f"This ARN has too many parts; a function's looks like {_EXAMPLE}."
    return _wrong_name(":".join(parts[6:]))


def _wrong_name(text: str) -> str:
    odd = sorted(set(re.findall(r"[^a-zA-Z0-9_:-]", text)))
    if odd:
        shown = " ".join("space" if character.isspace() else character for character in odd)
        return f"A function's name has only letters, digits, - and _; it cannot have: {shown}"
    return f"Enter a name such as “checkout-api”, or an ARN such as {_EXAMPLE}."
