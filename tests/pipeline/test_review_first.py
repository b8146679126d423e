"""Review first: nothing changes in AWS until approved, then it becomes the version behind live."""

import base64
import hashlib

from releases.models import AuditEvent, AwsCall, CallStatus
from releases.states import ReleaseState
from tests.world import World, package


def test_nothing_changes_in_aws_until_approved(world: World) -> None:
    world.add()
    before = world.latest()
    release = world.advance(world.request(package("two")))
    assert release.state == ReleaseState.AWAITING_APPROVAL
    assert world.latest()["RevisionId"] == before["RevisionId"]


def test_the_approved_package_becomes_the_version_behind_live(world: World) -> None:
    world.add()
    code = package("two")
    release = world.advance(world.request(code, description="Second try"))
    world.approve(release)
    world.advance(release)
    assert release.state == ReleaseState.RELEASED
    assert (release.version_number, world.live(), world.versions()) == (2, "2", ["1", "2"])
    version = world.client.get_function_configuration(FunctionName=world.name, Qualifier="2")
    assert version["CodeSha256"] == base64.b64encode(hashlib.sha256(code).digest()).decode()
    assert version["Description"].startswith(f"{release.reference} ")
    assert version["Description"].endswith("Second try")


def test_every_call_is_answered_and_in_the_history(world: World) -> None:
    world.add()
    release = world.advance(world.request(package("two")))
    world.approve(release)
    world.advance(release)
    calls = AwsCall.objects.filter(release=release)
    assert set(calls.values_list("status", flat=True)) == {CallStatus.OK}
    assert all(calls.values_list("request_id", flat=True))
    actions = list(
        AuditEvent.objects.filter(release_id=release.pk)
        .order_by("pk")
        .values_list("action", flat=True)
    )
    assert actions == [
        "release.requested",
        "step.started",
        "release.round_opened",
        "step.done",
        "release.awaiting_approval",
        "release.approval_given",
        "release.approved",
        "release.staging",
        "step.started",
        "step.done",
        "release.publishing",
        "step.started",
        "step.done",
        "step.started",
        "step.done",
        "release.released",
    ]


def test_no_environment_value_is_kept_anywhere(world: World) -> None:
    from django.db import connection

    world.add()
    release = world.advance(world.request(package("two")))
    world.approve(release)
    world.advance(release)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', ["%planted-secret%"]
            )
            assert cursor.fetchone() == (0,), table


def test_two_approvals_need_two_people(world: World) -> None:
    world.add(approvals=2)
    release = world.advance(world.request(package("two")))
    world.approve(release)
    world.advance(release)
    assert release.state == ReleaseState.AWAITING_APPROVAL
    world.approve(release, by="second-manager")
    assert world.advance(release).state == ReleaseState.RELEASED


def test_what_is_live_already_ends_by_itself(world: World) -> None:
    world.add()
    release = world.advance(world.request(package("one")))
    assert release.state == ReleaseState.CANCELLED
    assert release.ends_because.startswith("nothing to release: version 1 is live")
