"""Rolling back where there is no alias: the same sheet, and a release that puts code back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from releases.actions.change_policy import change_policy
from releases.holds import hold_on
from releases.models import Artifact, Function, Release, Version
from releases.packages.store import artifacts, package_name
from releases.rules import Rules
from releases.states import ReleaseState
from sandbox.aws import Fault
from tests.rollbacks import released_without_alias
from tests.world import HERE, World, package

ClientFor = Callable[[User], Client]


@pytest.fixture
def manager_client(world: World, client_for: ClientFor) -> Client:
    released_without_alias(world)
    return client_for(world.people["manager"])


def address(world: World) -> str:
    return f"/functions/{world.function.pk}/roll-back/"


def click(client: Client, world: World, **typed: str) -> HttpResponse:
    seen = Function.objects.get(pk=world.function.pk).latest_code_sha256
    sent = {"to": "2", "reason": "Cards <fail>", "seen_code": seen} | typed
    answer = client.post(address(world), sent)
    assert isinstance(answer, HttpResponse)
    return answer


def only_in_aws(world: World, number: int) -> None:
    """Our store lost the code of this version."""
    code = Version.objects.get(function=world.function, number=number).code_sha256
    artifacts().storage.delete(package_name(Artifact.objects.get(code_sha256=code).sha256))


def test_the_sheet_says_what_differs_from_moving_an_alias(
    world: World, manager_client: Client
) -> None:
    page = manager_client.get(address(world))
    found, words = page.context["sheet"], page.content.decode()
    assert found.chosen.version.number == 2
    assert [each.version.number for each in found.choices] == [2, 1]
    assert "There is no alias to move." in words
    assert "run it once it is staged" in words and "It skips the gate" in words
    assert "Roll back v3 → v2" in words
    assert "v2 exists in AWS" in words and "$LATEST holds the code that is shown here" in words


def test_settings_stay_and_are_said_to(world: World, manager_client: Client) -> None:
    old = Version.objects.get(function=world.function, number=2)
    old.configuration |= {"MemorySize": 512}
    old.save(update_fields=["configuration"])
    page = manager_client.get(address(world))
    assert [row.label for row in page.context["sheet"].settings] == ["Memory"]
    assert "The settings of $LATEST stay" in page.content.decode()


def test_one_click_queues_a_release_and_leads_to_it(world: World, manager_client: Client) -> None:
    answer = click(manager_client, world)
    release = Release.objects.get(rolls_back_to=2)
    assert answer.headers["Location"] == f"/releases/{release.pk}/"
    page = manager_client.get(f"/releases/{release.pk}/").content.decode()
    assert "This is a rollback to v2" in page and "It skips the gate" in page
    assert "Cards &lt;fail&gt;" in page and "not needed" in page
    world.advance(release)
    assert (release.state, release.version_number) == (ReleaseState.RELEASED, 4)
    after = manager_client.get(f"/releases/{release.pk}/").content.decode()
    assert "skipped: a rollback" in after and "act-roll-back-release" in after


def test_what_was_left_is_not_offered_first_again(world: World, manager_client: Client) -> None:
    click(manager_client, world)
    world.advance(Release.objects.get(rolls_back_to=2))
    choices = manager_client.get(address(world)).context["sheet"].choices
    assert [(each.version.number, each.words) for each in choices] == [
        (1, "last good"),
        (3, "was rolled back"),
    ]
    page = manager_client.get(f"/functions/{world.function.pk}/").content.decode()
    assert "its code is on $LATEST" in page and "rolled back</a>" in page


def test_what_is_in_flight_is_said_to_make_way(world: World, manager_client: Client) -> None:
    flying = world.advance(world.request(package("four")))
    assert "makes way" in manager_client.get(address(world)).content.decode()
    Release.objects.filter(pk=flying.pk).update(state=ReleaseState.APPROVED)
    Release.objects.filter(pk=flying.pk).update(state=ReleaseState.STAGING)
    page = manager_client.get(address(world)).content.decode()
    assert f"not possible: {flying} cannot be cancelled while it is staging." in page
    assert click(manager_client, world).status_code == 409


def test_a_policy_that_asks_for_two_is_said_to_be_the_gate(
    world: World, manager_client: Client
) -> None:
    two = Rules(rollback=2)
    change_policy(world.function.environment, two, by=world.people["admin"], origin=HERE)
    words = manager_client.get(address(world)).content.decode()
    assert "It goes through the gate" in words and "your own approval does not count" in words


def test_an_empty_reason_is_asked_for(world: World, manager_client: Client) -> None:
    answer = click(manager_client, world, reason=" ")
    assert answer.status_code == 422
    assert "Say why: it is kept in the history." in answer.content.decode()
    assert hold_on(world.function) is None


def test_a_stale_click_changes_nothing_and_keeps_what_was_typed(
    world: World, manager_client: Client
) -> None:
    answer = click(manager_client, world, seen_code="other")
    words = answer.content.decode()
    assert answer.status_code == 409
    assert "runs other code than this page showed" in words
    assert "Cards &lt;fail&gt;</textarea>" in words
    assert not Release.objects.filter(rolls_back_to=2).exists()


def test_a_double_click_rolls_back_once(world: World, manager_client: Client) -> None:
    first, second = (click(manager_client, world) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 409)
    assert "manager rolls back to v2 already" in second.content.decode()
    assert Release.objects.filter(rolls_back_to=2).count() == 1


def test_code_that_aws_does_not_give_is_said_in_words(world: World, manager_client: Client) -> None:
    only_in_aws(world, 2)
    world.aws.faults.add(
        Fault("GetFunction", "error", status=403, code="AccessDeniedException", times=9)
    )
    answer = click(manager_client, world)
    words = answer.content.decode()
    assert answer.status_code == 502
    assert "AWS refused: AccessDeniedException" in words and "Cards &lt;fail&gt;" in words
    assert hold_on(world.function) is None


def test_a_version_that_nobody_holds_any_more_blocks(world: World, manager_client: Client) -> None:
    world.client.delete_function(FunctionName="checkout", Qualifier="2")
    kept = manager_client.get(address(world)).content.decode()
    assert "Its code is in Sluice&#x27;s store" in kept and "btn-danger" in kept
    only_in_aws(world, 2)
    page = manager_client.get(address(world)).content.decode()
    assert "Sluice does not hold its code either" in page and "btn-danger" not in page


@pytest.mark.parametrize("who", ["developer", "security", "admin"])
def test_only_release_managers_roll_back(
    world: World, manager_client: Client, client_for: ClientFor, who: str
) -> None:
    client = client_for(world.people[who])
    assert client.get(address(world)).status_code == 403
    assert click(client, world).status_code == 403
    assert not Release.objects.filter(rolls_back_to=2).exists()


def test_it_is_offered_on_the_dashboard_the_function_and_the_release(
    world: World, manager_client: Client
) -> None:
    newest = Release.objects.latest("pk")
    for page in ("/", f"/functions/{world.function.pk}/", f"/releases/{newest.pk}/"):
        assert f'href="{address(world)}"' in manager_client.get(page).content.decode()
    versions = manager_client.get(f"/functions/{world.function.pk}/").content.decode()
    assert "roll-back-to-2" in versions and "roll-back-to-3" not in versions


def test_many_versions_cost_no_more_queries(
    world: World, manager_client: Client, django_assert_max_num_queries: Any
) -> None:
    Version.objects.bulk_create(
        Version(function=world.function, number=n, code_sha256="x") for n in range(10, 200)
    )
    manager_client.get(f"{address(world)}?to=2")
    with django_assert_max_num_queries(23):
        manager_client.get(f"{address(world)}?to=2")
