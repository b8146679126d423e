"""Late clicks leave a row of their own; a change of a setting tells what it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from releases.actions.refresh_function import refresh_function
from releases.actions.reschedule import reschedule
from releases.actions.save_environment import save_environment
from releases.aws.errors import AwsError
from releases.models import AuditEvent, Release
from releases.rules import Rules
from releases.states import ReleaseState
from sandbox.aws import Fault
from tests.actions.policies import change
from tests.factories import EnvironmentFactory, FunctionFactory
from tests.views.scenes import a_release, post
from tests.world import HERE, World

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


def only() -> AuditEvent:
    return AuditEvent.objects.exclude(action__startswith="person.").get()


def moved_on(release: Release) -> None:
    Release.objects.filter(pk=release.pk).update(state=ReleaseState.APPROVED)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"seen": "awaiting_approval"}, "is not waiting for approval: it is approved."),
        ({"fingerprint": "another"}, "changed after this page was loaded, so nothing was decided."),
    ],
)
def test_a_late_click_leaves_one_row(
    client_for: ClientFor, manager: User, sent: dict[str, str], said: str
) -> None:
    release = a_release(ReleaseState.AWAITING_APPROVAL)
    if "seen" in sent:
        moved_on(release)
    assert post(client_for(manager), release, "approve", **sent).status_code == 409
    event = only()
    assert event.action == "release.refused"
    assert event.sentence.startswith(f"manager could not approve {release.reference} of ")
    assert said in event.sentence


def test_what_is_refused_before_an_action_is_asked_leaves_one_row(
    client_for: ClientFor, viewer: User
) -> None:
    function = FunctionFactory.create()
    path = f"/functions/{function.pk}/settings/"
    assert client_for(viewer).post(path).status_code == 403
    event = only_of("person.refused")
    assert event.sentence.startswith(f"viewer was refused at {path}: Only ")
    assert event.user_agent == "" and event.address == "127.0.0.1"


def only_of(action: str) -> AuditEvent:
    return AuditEvent.objects.get(action=action)


def test_what_aws_refuses_leaves_a_row_with_its_request_id(world: World) -> None:
    world.add()
    fault: dict[str, Any] = {"code": "AccessDeniedException", "status": 403, "times": 9}
    world.aws.faults.add(Fault("GetFunction", "error", **fault))
    with pytest.raises(AwsError):
        refresh_function(world.function, by=world.people["manager"], origin=HERE)
    event = only_of("function.refused")
    assert event.sentence.startswith("manager could not read checkout: AccessDenied")
    assert len(event.aws_request_ids) == 1


def test_an_environment_tells_what_it_was(admin: User) -> None:
    environment = EnvironmentFactory.create()
    values = {"name": environment.name, "region": "eu-central-1"}
    save_environment(environment, values=values, by=admin, origin=HERE)
    event = only()
    assert (event.before, event.after) == ({"region": "eu-west-1"}, {"region": "eu-central-1"})


def test_a_policy_tells_every_rule_by_name(
    admin: User, manager: User, second_manager: User
) -> None:
    function = FunctionFactory.create()
    change(function, Rules(managers=2), admin)
    event = only_of("policy.changed")
    rules = {"managers": 1, "security": 0, "days": 7, "rollback": 1}
    assert event.before == rules | {"inherited": True}
    assert event.after == rules | {"managers": 2}


def test_a_policy_and_the_rounds_it_renews_are_one_click(
    admin: User, manager: User, second_manager: User
) -> None:
    release = a_release(ReleaseState.AWAITING_APPROVAL)
    change(release.function, Rules(managers=2), admin)
    changed, opened = only_of("policy.changed"), only_of("release.round_opened")
    assert changed.request_id == opened.request_id
    assert (changed.address, opened.address) == ("127.0.0.1", None)


def test_a_time_tells_what_it_was(manager: User) -> None:
    release = a_release(ReleaseState.AWAITING_APPROVAL)
    when = timezone.now() + timedelta(hours=1)
    reschedule(release, by=manager, origin=HERE, seen=None, not_before=when)
    event = only()
    assert (event.before, event.after) == ({"not_before": None}, {"not_before": when.isoformat()})
