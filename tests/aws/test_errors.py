"""The advice that people get with an error of AWS."""

import pickle

import pytest

from releases.aws import errors
from releases.aws.errors import AwsError

ALL = [kind for kind in vars(errors).values() if isinstance(kind, type)]
KINDS = [kind for kind in ALL if issubclass(kind, AwsError) and kind is not AwsError]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_error_has_advice(kind: type[AwsError]) -> None:
    assert kind("x", name="NeverHeardOf").advice.endswith(".")


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("CodeStorageExceededException", "Delete versions"),
        ("InvalidParameterValueException", "does not accept a value"),
        ("PreconditionFailedException", "since Sluice read it"),
        ("ResourceNotFoundException", "may have been deleted"),
        ("ServiceException", "Health Dashboard"),
        ("TooManyRequestsException", "15 a second"),
        ("ResourceConflictException", "Another change"),
        ("CodeVerificationFailedException", "signed code"),
        ("InvalidCodeSignatureException", "after it was signed"),
        ("CodeSigningConfigNotFoundException", "was deleted"),
        ("RequestEntityTooLargeException", "staging bucket"),
        ("ValidationException", "names the field"),
        ("AssumeRole", "external id"),
    ],
)
def test_advice_goes_by_the_name_that_aws_gave(name: str, part: str) -> None:
    assert part in errors.Permanent("x", name=name).advice


def test_name_unknown_to_the_table_gets_the_advice_of_its_kind() -> None:
    assert "allow it in the role" in errors.AccessDenied("x", name="AccessDeniedException").advice
    assert "expired" in errors.CredentialsProblem("x", name="ExpiredToken").advice


def test_error_survives_a_trip_through_the_queue() -> None:
    error = errors.NotFound("gone", name="X", operation="Y", http_status=404, request_id="r")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert vars(copy) == vars(error)
    assert str(copy) == "X: gone"


@pytest.mark.parametrize(
    ("kind", "headline"),
    [
        (errors.AccessDenied, "AWS refused: Denied"),
        (errors.Throttled, "Not now: Denied"),
        (errors.Unavailable, "AWS did not answer"),
        (errors.Unreachable, "AWS could not be reached"),
        (errors.OutcomeUnknown, "AWS did not answer"),
    ],
)
def test_only_a_refusal_is_called_one(kind: type[AwsError], headline: str) -> None:
    assert kind("x", name="Denied").headline == headline


def test_a_lost_read_needs_no_looking_before_it_is_repeated() -> None:
    advice = errors.Unavailable("x", name="ConnectionClosedError").advice
    assert "Nothing was changed: try again" in advice
