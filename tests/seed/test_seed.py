"""The demo's data: what it promises to whoever looks around in it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

import boto3
import pytest
from botocore.config import Config
from django.conf import settings
from django.contrib.auth import authenticate
from django.db import connection

from accounts.models import User
from releases.checks import DEMO_MARK
from releases.models import (
    Artifact,
    AuditEvent,
    AwsCall,
    Decision,
    Drift,
    Environment,
    Function,
    Intake,
    Release,
    Step,
    Version,
)
from releases.packages.store import artifacts, package_name
from releases.pipeline import engine
from releases.states import ReleaseState
from sandbox import marker
from sandbox.demo import ACCOUNTS, PASSWORD
from sandbox.errors import SandboxError
from sandbox.seed import seed
from tests.roles import owner

pytestmark = pytest.mark.django_db
_S = ReleaseState


def lambda_client(function: Function) -> Any:
    """boto3 in the function's account: through its role, as Sluice goes."""
    environment = function.environment
    place: dict[str, Any] = {
        "endpoint_url": settings.SLUICE_AWS_ENDPOINT,
        "region_name": environment.region,
        "config": Config(proxies={}),
        "aws_access_key_id": "testing",
        "aws_secret_access_key": "testing",
    }
    if environment.role_arn:
        sts: Any = boto3.client("sts", **place)
        given = sts.assume_role(RoleArn=environment.role_arn, RoleSessionName="test")["Credentials"]
        place["aws_access_key_id"] = given["AccessKeyId"]
        place["aws_secret_access_key"] = given["SecretAccessKey"]
        place["aws_session_token"] = given["SessionToken"]
    return boto3.client("lambda", **place)


def test_every_account_signs_in_with_the_password() -> None:
    for username in ACCOUNTS:
        assert authenticate(username=username, password=PASSWORD), username
    assert not User.objects.exclude(first_name="", last_name="").exists()


def test_two_accounts_and_five_functions_in_the_default_one() -> None:
    accounts = Counter(Environment.objects.values_list("account_id", flat=True))
    assert accounts == {"123456789012": 2, "210987654321": 1}
    default = Environment.objects.get(account_id="123456789012", region="eu-west-1")
    assert default.functions.count() >= 5
    assert default.staging_bucket
    assert Function.objects.count() == 14


def test_functions_are_of_all_kinds() -> None:
    assert len(set(Function.objects.values_list("runtime", flat=True))) >= 6
    for wanted in (
        {"package_type": "Image"},
        {"live_alias": ""},
        {"gate": "stage_first"},
        {"managers_required": 2, "security_required": 1},
        {"creates_alias": True},
        {"live_weights": {"6": 0.1}},
    ):
        assert Function.objects.filter(**wanted).exists(), wanted


def test_releases_are_in_every_state_that_rests() -> None:
    states = Counter(Release.objects.values_list("state", flat=True))
    assert set(states) == {
        _S.DRAFT, _S.QUEUED, _S.AWAITING_APPROVAL, _S.RELEASED, _S.FAILED, _S.CONFLICT,
        _S.REJECTED, _S.CANCELLED,
    }  # fmt: skip
    assert 30 <= states.total() <= 36


def test_both_gates_wait_for_people_and_one_has_half_its_approvals() -> None:
    waiting = Release.objects.waiting_for_people()
    assert set(waiting.values_list("gate", flat=True)) == {"review_first", "stage_first"}
    half = waiting.get(function__managers_required=2)
    assert Decision.objects.filter(round__release=half).count() == 1


def test_what_rests_still_rests_when_the_worker_looks() -> None:
    before = dict(Release.objects.values_list("pk", "state"))
    for release in Release.objects.all():
        if not release.is_final:
            engine.advance(release.pk)
    assert dict(Release.objects.values_list("pk", "state")) == before


def test_sluice_and_aws_agree_on_every_function() -> None:
    for function in Function.objects.with_environment():
        client = lambda_client(function)
        name = {"FunctionName": function.name}
        shown = client.list_versions_by_function(**name)["Versions"]
        latest, *versions = [
            (row["Version"], row["CodeSha256"], row["RevisionId"]) for row in shown
        ]
        rows = function.versions.order_by("number")
        known = [(str(row.number), row.code_sha256, row.revision_id) for row in rows]
        assert known == versions, function
        assert latest[1] == client.get_function_configuration(**name)["CodeSha256"]
        aliases = {
            row["Name"]: (
                row["FunctionVersion"],
                row.get("RoutingConfig", {}).get("AdditionalVersionWeights", {}),
                row["RevisionId"],
            )
            for row in client.list_aliases(**name)["Aliases"]
        }
        ours = {
            row.name: (row.version, row.weights, row.revision_id) for row in function.aliases.all()
        }
        assert ours == aliases, function
        live = aliases.get(function.live_alias, (None,))[0]
        assert (str(function.live_version) if function.live_version else None) == live, function


def test_one_latest_differs_from_live_without_a_release() -> None:
    function = Function.objects.get(name="checkout-api", environment__name="staging")
    live = function.versions.get(number=function.live_version or 0)
    assert live.code_sha256 != function.latest_code_sha256


def test_one_function_was_changed_outside_sluice() -> None:
    stuck = Release.objects.filter(state=_S.CONFLICT).values("function")
    drift = Drift.objects.open().exclude(function__in=stuck).get()
    assert drift.function.name == "image-resizer"
    assert "MemorySize changed from 2048 to 3008" in drift.what
    assert "names Terraform" in drift.cause


def test_a_released_release_has_all_that_a_real_one_has() -> None:
    for release in Release.objects.filter(state=_S.RELEASED):
        version = Version.objects.get(release=release)
        assert version.number == release.version_number
        assert version.description.startswith(f"{release.reference} ")
        code = release.artifact.code_sha256 if release.artifact else version.code_sha256
        assert version.code_sha256 == code
        round_ = release.current_round
        assert round_ is not None
        assert round_.decisions.count() == round_.rules.total
        assert release.finished_at and version.published_at
        assert release.created_at < version.published_at < release.finished_at
        assert Step.objects.filter(release=release, outcome="done").count() == 4
        assert AwsCall.objects.filter(release=release, operation="PublishVersion").count() == 1


def test_one_release_was_promoted_and_runs_in_both_environments() -> None:
    promoted = Release.objects.get(promoted_from__isnull=False)
    source = promoted.promoted_from
    assert source is not None and source.artifact == promoted.artifact
    assert source.function.name == promoted.function.name
    assert source.function.environment != promoted.function.environment
    for release in (source, promoted):
        live = release.function.versions.get(number=release.function.live_version or 0)
        assert live.release == release
    events = AuditEvent.objects.filter(action__startswith="release.promoted")
    assert set(events.values_list("release_id", flat=True)) == {source.pk, promoted.pk}


def test_the_board_has_functions_in_several_environments() -> None:
    names = Counter(Function.objects.values_list("name", flat=True))
    assert names["payment-webhook"] == 3
    assert names["checkout-api"] == 2


def test_history_is_in_the_order_of_time() -> None:
    moments = list(AuditEvent.objects.order_by("pk").values_list("at", flat=True))
    assert moments == sorted(moments)
    assert len(moments) > 300
    assert (moments[-1] - moments[0]).days > 140


def test_packages_are_in_the_store_and_one_was_refused() -> None:
    store = artifacts()
    for artifact in Artifact.objects.filter(kind="zip"):
        assert store.exists(package_name(artifact.sha256))
        assert artifact.entry_count and artifact.entry_count > 2
        assert store.manifest(artifact.sha256)
    assert Intake.objects.filter(state="refused").count() == 1


def test_it_is_not_done_twice() -> None:
    with pytest.raises(SandboxError, match="there already"):
        seed()


def test_a_database_without_the_mark_is_left_alone() -> None:
    mark = f"COMMENT ON DATABASE {connection.settings_dict['NAME']} IS "
    owner().execute(f"{mark} ''")
    try:
        with pytest.raises(SandboxError, match="was not made for the demo"):
            seed()
        with pytest.raises(SandboxError, match="tables"):
            marker.mark(connection)
    finally:
        owner().execute(f"{mark} '{DEMO_MARK}'")


def test_the_past_is_told_in_the_order_in_which_it_happened() -> None:
    """Else it would seem to be dated back, once it is sealed."""
    found = list(AuditEvent.objects.order_by("xid", "pk").values_list("at", flat=True))
    assert found[-1] - found[0] > timedelta(days=100)
    assert all(now > before - timedelta(minutes=1) for before, now in pairwise(found))
