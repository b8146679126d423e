"""Function names as callers may write them: bare, with a qualifier, or as an ARN (facts F4-F6)."""

import re
from dataclasses import dataclass

from sandbox.aws import errors

LATEST = "$LATEST"
NAME = re.compile(
    r"(?:arn:(?P<partition>aws[a-zA-Z-]*):lambda:)?"
    r"(?:(?P<region>[a-z]{2}(?:-[a-z]+)+-\d):)?"
    r"(?:(?P<account>\d{12}):)?"
    r"(?:function:)?"
    r"(?P<name>[a-zA-Z0-9-_.]+)"
    r"(?::(?P<qualifier>\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_$]+))?"
)


@dataclass(frozen=True)
class Place:
    """Where a request was sent: one account in one Region."""

    account: str
    region: str

    @property
    def partition(self) -> str:
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    def arn(self, *parts: str) -> str:
        return ":".join(("arn", self.partition, "lambda", self.region, self.account, *parts))

    def function_arn(self, name: str, qualifier: str | None = None) -> str:
        return self.arn("function", name, *([qualifier] if qualifier else []))


@dataclass(frozen=True)
class Target:
    """The function a request means, and the qualifier it was asked for by."""

    name: str
    qualifier: str | None


def bare(written: str) -> str:
    """The plain name, for the call log; whatever cannot be parsed stays as written."""
    match = NAME.fullmatch(written)
    return match["name"] if match else written


def parse(written: str, qualifier: str | None, here: Place, operation: str) -> Target:
    match = NAME.fullmatch(written)
    if match is None:
        raise errors.function_not_found(here.function_arn(written, qualifier))
    if match["qualifier"] and qualifier and match["qualifier"] != qualifier:
        raise errors.invalid(
            "The derived qualifier from the function name does not match the specified qualifier."
        )
    found = Target(match["name"], qualifier or match["qualifier"])
    _refuse_elsewhere(match["region"], match["account"], found, here, operation)
    return found


def _refuse_elsewhere(
    region: str | None, account: str | None, found: Target, here: Place, operation: str
) -> None:
    if region and region != here.region:
        raise errors.not_found(
            f"Functions from '{region}' are not reachable in this region ('{here.region}')"
        )
    if account and account != here.account:
        resource = Place(account, here.region).function_arn(found.name, found.qualifier)
        raise errors.access_denied(
            f"User: arn:{here.partition}:iam::{here.account}:root is not authorized to perform: "
            f"lambda:{operation} on resource: {resource} because no resource-based policy allows "
            f"the lambda:{operation} action"
        )
