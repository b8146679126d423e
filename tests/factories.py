"""Small worlds: people, environments, functions, artifacts and releases."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from zlib import crc32

from django.utils import timezone
from factory.declarations import (
    LazyAttribute,
    LazyFunction,
    SelfAttribute,
    Sequence,
    SubFactory,
)
from factory.django import DjangoModelFactory

from accounts.models import Role, User
from releases.models import Artifact, Environment, Function, Intake, IntakeState, Release
from releases.models.policies import columns
from releases.rules import Rules
from releases.states import ReleaseState

ACCOUNTS = {"production": "123456789012"}


def own(managers: int = 1, security: int = 0, days: int = 7) -> dict[str, int]:
    """Rules of its own for a function, or those of an environment: `**own(2)`."""
    return columns(Rules(managers, security, days))


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    username = Sequence(lambda n: f"person-{n}")
    role = Role.VIEWER


class EnvironmentFactory(DjangoModelFactory[Environment]):
    class Meta:
        model = Environment
        django_get_or_create = ("name",)

    name = "production"
    # Another place has another account: the same function of one account is managed once.
    account_id = LazyAttribute(lambda e: ACCOUNTS.get(e.name) or f"{crc32(e.name.encode()):012}")
    region = "eu-west-1"


class FunctionFactory(DjangoModelFactory[Function]):
    class Meta:
        model = Function

    environment = SubFactory(EnvironmentFactory)
    name = Sequence(lambda n: f"checkout-{n}")
    arn = LazyAttribute(
        lambda f: (
            f"arn:aws:lambda:{f.environment.region}:{f.environment.account_id}:function:{f.name}"
        )
    )
    live_alias = "live"
    runtime = "python3.12"
    handler = "index.handler"
    architectures = ["x86_64"]
    synced_at = LazyFunction(timezone.now)


class ArtifactFactory(DjangoModelFactory[Artifact]):
    class Meta:
        model = Artifact

    class Params:
        content = Sequence(lambda n: f"package {n}")

    kind = "zip"
    sha256 = LazyAttribute(lambda a: hashlib.sha256(a.content.encode()).hexdigest())
    code_sha256 = LazyAttribute(lambda a: base64.b64encode(bytes.fromhex(a.sha256)).decode())
    size = 4096


class IntakeFactory(DjangoModelFactory[Intake]):
    class Meta:
        model = Intake

    function = SubFactory(FunctionFactory)
    person = SubFactory(UserFactory, role=Role.DEVELOPER)
    artifact = SubFactory(ArtifactFactory)
    source = "upload"
    label = "package.zip"
    state = IntakeState.ACCEPTED
    sha256 = SelfAttribute("artifact.sha256")


class ReleaseFactory(DjangoModelFactory[Release]):
    class Meta:
        model = Release

    function = SubFactory(FunctionFactory)
    artifact = SubFactory(ArtifactFactory)
    requested_by = SubFactory(UserFactory, role=Role.DEVELOPER)
    state = ReleaseState.QUEUED
    gate = SelfAttribute("function.gate")
    target_alias = SelfAttribute("function.live_alias")


def with_round(release: Release, **parts: Any) -> Release:
    """Give a release the round that its check would have opened."""
    from releases.fingerprint import FORMAT, digest
    from releases.models import Round

    code = release.artifact.code_sha256 if release.artifact else ""
    whole: dict[str, Any] = {
        "format": FORMAT,
        "release": release.pk,
        "function_arn": release.function.arn,
        "candidate": {"code_sha256": code, "configuration": {"MemorySize": 128}},
        "baseline": {
            "kind": "alias",
            "version": "1",
            "weights": {},
            "code_sha256": "",
            "configuration": {"MemorySize": 128},
        },
        "target_alias": release.target_alias,
        "policy_version": release.function.policy_version,
        "rules": release.function.rules.as_parts,
    } | parts
    Round.objects.create(
        release=release,
        number=release.round_number,
        parts=whole,
        fingerprint=digest(whole, round_number=release.round_number),
        **columns(Rules.of_parts(whole["rules"])),
    )
    return release
