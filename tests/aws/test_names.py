"""Function names and ARNs, read as Lambda reads them."""

import botocore.session
import pytest

from releases.aws.names import (
    IDENTIFIER_PATTERN,
    MAX_IDENTIFIER,
    FunctionId,
    InvalidName,
    parse_identifier,
)

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:checkout"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("checkout", FunctionId("checkout")),
        ("  checkout-api_2 ", FunctionId("checkout-api_2")),
        ("123456789012:function:checkout", FunctionId("checkout", "123456789012")),
        (ARN, FunctionId("checkout", "123456789012", "eu-west-1", "aws")),
        (
            ARN.replace("eu-west-1", "us-gov-west-1").replace(":aws:", ":aws-us-gov:"),
            FunctionId("checkout", "123456789012", "us-gov-west-1", "aws-us-gov"),
        ),
    ],
)
def test_identifiers_are_read_in_all_their_forms(text: str, expected: FunctionId) -> None:
    assert parse_identifier(text) == expected


def test_qualifier_is_read_when_it_may_be_given() -> None:
    assert parse_identifier(f"{ARN}:live", allow_qualifier=True).qualifier == "live"
    assert parse_identifier("checkout:$LATEST", allow_qualifier=True).qualifier == "$LATEST"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "Enter the name"),
        ("x" * 65, "at most 64 characters; this one has 65"),
        ("check out", "it cannot have: space"),
        ("check.out/€", "it cannot have: . / €"),
        ("checkout:live", "Leave out the version or alias “live”"),
        (f"{ARN}:3", "Leave out the version or alias “3”"),
        ("arn:aws:s3:::bucket", "an ARN of s3"),
        ("arn:aws:lambda:eu-west-1:123456789012:layer:x:1", "names a Lambda layer"),
        ("arn:aws:lambda:eu-west-1:123456789012:function:", "not complete"),
        ("arn:aws:lambda", "not complete"),
        (ARN.replace("123456789012", "1234"), "must be 12 digits"),
        (ARN.replace("123456789012", "१२३४५६७८९०१२"), "must be 12 digits"),
        (ARN.replace("eu-west-1", "Europe"), "not an AWS Region"),
        (ARN.replace("eu-west-1", ""), "not an AWS Region"),
        (ARN.replace("arn:aws", "arn:azure"), "not an AWS partition"),
        (f"{ARN}:live:again", "too many parts"),
        (f"{ARN}!", "it cannot have: !"),
        ("$LATEST", "it cannot have: $"),
        ("a:b:c:d", "Enter a name such as"),
    ],
)
def test_each_problem_has_its_own_sentence(text: str, part: str) -> None:
    with pytest.raises(InvalidName) as caught:
        parse_identifier(text)
    assert part in str(caught.value)


def test_longest_arn_of_lambda_is_the_longest_accepted() -> None:
    with pytest.raises(InvalidName, match="at most 140 characters"):
        parse_identifier(f"arn:aws{'-x' * 30}:lambda:eu-west-1:123456789012:function:{'y' * 64}")


def test_pattern_and_length_are_those_of_the_service_model() -> None:
    shape = botocore.session.get_session().get_service_model("lambda").shape_for("FunctionName")
    assert shape.metadata["pattern"] == IDENTIFIER_PATTERN
    assert shape.metadata["max"] == MAX_IDENTIFIER
