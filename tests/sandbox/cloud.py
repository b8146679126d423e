"""What the tests of the sandbox hold in hand: clients, settled functions, refusals."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.aws import AwsSandbox, zip_of

REGION, ACCOUNT = "us-east-1", "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/conformance"
CONFIG = Config(parameter_validation=False, retries={"total_max_attempts": 1}, read_timeout=60)
KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


@dataclass(frozen=True)
class Refusal:
    """What a call was refused with."""

    status: int
    code: str
    message: str
    response: dict[str, Any]


def refused(call: Callable[..., Any], **params: Any) -> Refusal:
    try:
        answer = call(**params)
    except ClientError as error:
        found: dict[str, Any] = dict(error.response)
        details = found["Error"]
        status = found["ResponseMetadata"]["HTTPStatusCode"]
        return Refusal(status, details["Code"], details.get("Message") or "", found)
    raise AssertionError(f"not refused: {answer}")


class Cloud:
    """One sandbox and the clients to it."""

    def __init__(self, sandbox: AwsSandbox) -> None:
        self.sandbox = sandbox
        self._clients: dict[tuple[str, str], Any] = {}
        self.lambda_ = self.client("lambda")

    def client(self, service: str, region: str = REGION, **keys: str) -> Any:
        if keys:
            return self._made(service, region, keys)
        found = self._clients.get((service, region))
        if found is None:
            found = self._clients[service, region] = self._made(service, region, KEYS)
        return found

    def _made(self, service: Any, region: str, keys: dict[str, str]) -> Any:
        url = self.sandbox.url
        return boto3.client(service, region, endpoint_url=url, config=CONFIG, **keys)  # type: ignore[call-overload]

    def keys_of(self, account: str) -> dict[str, str]:
        """Credentials of a role in another account."""
        arn = f"arn:aws:iam::{account}:role/releases"
        found = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="tests")["Credentials"]
        return {
            "aws_access_key_id": found["AccessKeyId"],
            "aws_secret_access_key": found["SecretAccessKey"],
            "aws_session_token": found["SessionToken"],
        }

    def create(self, **params: Any) -> dict[str, Any]:
        """A function as CreateFunction answers it: still Pending."""
        given = {
            "FunctionName": f"f-{uuid.uuid4().hex[:10]}",
            "Runtime": "python3.12",
            "Role": ROLE,
            "Handler": "index.handler",
            "Code": {"ZipFile": zip_of("a")},
            **params,
        }
        answer: dict[str, Any] = self.lambda_.create_function(**given)
        return answer

    def function(self, **params: Any) -> str:
        """The name of a function that is Active."""
        return self.settle(self.create(**params)["FunctionName"])

    def settle(self, name: str) -> str:
        self.sandbox.settle(name)
        return name

    def update(self, name: str, source: str = "b", **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.lambda_.update_function_code(
            FunctionName=name, ZipFile=zip_of(source), **params
        )
        self.settle(name)
        return answer

    def published(self, count: int, **params: Any) -> str:
        """The name of a function with `count` versions, each of different code."""
        name = self.function(**params)
        for number in range(count):
            if number:
                self.update(name, f"version {number}")
            self.lambda_.publish_version(FunctionName=name)
        return name

    def get(self, name: str, qualifier: str | None = None) -> dict[str, Any]:
        asked = {"Qualifier": qualifier} if qualifier else {}
        answer: dict[str, Any] = self.lambda_.get_function_configuration(FunctionName=name, **asked)
        return answer
