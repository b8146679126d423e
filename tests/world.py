"""One Lambda function in the sandbox, under release management, and the hands to release it."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from accounts.models import Role, User
from releases.actions.add_function import add_function
from releases.actions.approve import approve
from releases.actions.create_release import create_release
from releases.actions.receive_upload import receive_upload
from releases.audit import Origin
from releases.models import Environment, Function, Intake, Release
from releases.models.policies import columns
from releases.pipeline import engine, intake
from releases.rules import Rules
from releases.states import Gate
from sandbox.aws import AwsSandbox
from sandbox.aws.seed import SeedVersion
from tests.factories import EnvironmentFactory, UserFactory

ACCOUNT, REGION = "123456789012", "eu-west-1"
CAST = {
    "developer": Role.DEVELOPER,
    "manager": Role.RELEASE_MANAGER,
    "second-manager": Role.RELEASE_MANAGER,
    "admin": Role.ADMINISTRATOR,
    "security": Role.SECURITY,
}
# Beyond what the sequences of a test run come to.
FIRST = 1_000_000_001
HERE = Origin(address="127.0.0.1", user_agent="tests")


def package(text: str, *, entry: str = "index.py") -> bytes:
    """A small deployment package whose hash depends on `text` alone."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo(entry, (2024, 1, 1, 0, 0, 0))
        info.external_attr = 0o644 << 16
        archive.writestr(info, f"def handler(event, context):\n    return {text!r}\n")
    return buffer.getvalue()


@cache
def _client(url: str) -> Any:
    return boto3.client(
        "lambda",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"total_max_attempts": 1}),
    )


@dataclass
class World:
    """`checkout`, live at version 1, with a developer and two release managers."""

    aws: AwsSandbox
    name: str = "checkout"
    alias: str = "live"
    people: dict[str, User] = field(default_factory=dict)
    seeds: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.people = {user.username: user for user in User.objects.filter(username__in=CAST)}
        # Theirs are the same numbers in every test, so that what points to them can be kept.
        missing = [
            UserFactory.build(pk=FIRST + number, username=username, role=role)
            for number, (username, role) in enumerate(CAST.items())
            if username not in self.people
        ]
        self.people |= {user.username: user for user in User.objects.bulk_create(missing)}
        # The first one's, that is: a test may have another made beside it.
        number = {} if Environment.objects.filter(pk=FIRST).exists() else {"pk": FIRST}
        self.environment: Environment = EnvironmentFactory.create(
            account_id=ACCOUNT, region=REGION, **number
        )

    @property
    def is_usual(self) -> bool:
        """Whether people and environment are those of every other test, too."""
        numbers = {self.people[name].pk: name for name in CAST}
        return self.environment.pk == FIRST and sorted(numbers) == list(
            range(FIRST, FIRST + len(CAST))
        )

    @property
    def moved_on(self) -> dict[str, Any]:
        """What steps of a test have changed of this object."""
        given = ("aws", "people", "environment")
        return {name: value for name, value in vars(self).items() if name not in given}

    def seed(self, **more: Any) -> None:
        """Put the function into AWS, as if it had been there for long."""
        wanted: dict[str, Any] = {
            "account": ACCOUNT,
            "region": REGION,
            "versions": [SeedVersion(code=package("one"), description="first")],
            "aliases": {self.alias: "1"} if self.alias else {},
            "configuration": {"Environment": {"Variables": {"TOKEN": "planted-secret"}}},
        }
        self.aws.seed.function(self.name, **wanted | more)
        self.seeds.append(wanted | more)

    def add(
        self,
        *,
        gate: Gate = Gate.REVIEW_FIRST,
        approvals: int = 1,
        security: int = 0,
        **more: Any,
    ) -> Function:
        wanted: dict[str, Any] = {
            "environment": self.environment,
            "identifier": self.name,
            "gate": gate,
            "live_alias": self.alias,
            "creates_alias": False,
            "by": self.people["admin"],
            "origin": HERE,
        }
        self.function = add_function(**wanted | more)
        if (approvals, security) != (1, 0):
            rules = columns(Rules(approvals, security))
            Function.objects.filter(pk=self.function.pk).update(**rules)
            self.function.refresh_from_db()
        return self.function

    def bring_in(self, code: bytes, *, by: str = "developer") -> Intake:
        """Upload a package and let the worker inspect it."""
        taken = receive_upload(
            function=self.function,
            stream_chunks=[code],
            name="package.zip",
            by=self.people[by],
            origin=HERE,
        )
        intake.read(str(taken.pk))
        taken.refresh_from_db()
        return taken

    def request(self, code: bytes | None, *, by: str = "developer", **more: Any) -> Release:
        taken = self.bring_in(code, by=by) if code is not None else None
        return create_release(
            function=self.function, intake=taken, by=self.people[by], origin=HERE, **more
        )

    def approve(self, release: Release, *, by: str = "manager") -> None:
        """Approve what the release is at this moment, as its page would show it."""
        release.refresh_from_db()
        round_ = release.current_round
        assert round_ is not None
        approve(release, by=self.people[by], origin=HERE, fingerprint=round_.fingerprint)

    def advance(self, release: Release) -> Release:
        """What a worker does when it finds the release's job."""
        engine.advance(release.pk)
        release.refresh_from_db()
        return release

    @property
    def client(self) -> Any:
        """boto3, as somebody who goes around Sluice would use it."""
        return _client(self.aws.url)

    def latest(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get_function(FunctionName=self.name)["Configuration"]
        return found

    def live(self) -> str:
        found = self.client.get_alias(FunctionName=self.name, Name=self.alias)
        return str(found["FunctionVersion"])

    def versions(self) -> list[str]:
        rows = self.client.list_versions_by_function(FunctionName=self.name)["Versions"]
        return [row["Version"] for row in rows[1:]]
