"""The sheet of a rollback and its page: one click, a reason, and the truth of AWS."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from releases.actions import move_alias as moving
from releases.models import AuditEvent, CodeComparison, Rollback, RollbackState, Version
from releases.pipeline import compare_code
from releases.pipeline.poll import poll
from sandbox.aws import Fault
from tests.rollbacks import back, released_twice, three_published
from tests.views.rolling import click, seen, sheet
from tests.world import ACCOUNT, REGION, World

ClientFor = Callable[[User], Client]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "PAUSES", (0.0, 0.0))


@pytest.fixture
def manager_client(world: World, client_for: ClientFor) -> Client:
    return client_for(world.people["manager"])


def test_the_sheet_offers_the_last_good_version_first(world: World, manager_client: Client) -> None:
    released_twice(world)
    page = manager_client.get(sheet(world))
    found = page.context["sheet"]
    assert found.chosen.version.number == 1
    assert found.choices[0].words.startswith("last good, live until")
    assert "Roll back v2 → v1" in page.content.decode()


def test_with_nothing_to_go_back_to_no_hold_is_announced(
    world: World, manager_client: Client
) -> None:
    world.add()
    text = manager_client.get(sheet(world)).content.decode()
    assert "has no version to go back to" in text and "nothing is held either" in text
    assert "until somebody resumes it" not in text


def test_any_prior_version_can_be_chosen(world: World, manager_client: Client) -> None:
    three_published(world)
    found = manager_client.get(f"{sheet(world)}?to=1").context["sheet"]
    assert (found.chosen.version.number, len(found.choices)) == (1, 2)
    assert "never approved here" in found.needed


def test_a_rolled_back_version_is_not_called_good(world: World, manager_client: Client) -> None:
    released_twice(world)
    back(world)
    choices = manager_client.get(sheet(world)).context["sheet"].choices
    assert [choice.words for choice in choices] == ["was rolled back"]


def test_the_sheet_says_what_goes_back(world: World, manager_client: Client) -> None:
    released_twice(world)
    old = Version.objects.get(number=1)
    old.configuration |= {"MemorySize": 512}
    old.save(update_fields=["configuration"])
    page = manager_client.get(sheet(world))
    assert [row.label for row in page.context["sheet"].settings] == ["Memory"]
    words = page.content.decode()
    assert "512 MB" in words and "See the difference, file by file" in words
    assert f"/functions/{world.function.pk}/compare/?old=2&amp;new=1" in words


def test_a_hazard_that_blocks_disables_the_button_with_its_reason(
    world: World, manager_client: Client
) -> None:
    released_twice(world)
    world.client.delete_function(FunctionName="checkout", Qualifier="1")
    page = manager_client.get(sheet(world)).content.decode()
    assert "not possible: v1 is not in AWS any more" in page
    assert "btn-danger" not in page


def test_the_sheet_opens_while_aws_is_silent(world: World, manager_client: Client) -> None:
    released_twice(world)
    world.aws.faults.add(Fault("*", "hang", seconds=60, times=99))
    began = time.monotonic()
    page = manager_client.get(sheet(world)).content.decode()
    assert time.monotonic() - began < 20
    assert "v1 itself could not be read" in page and "btn-danger" in page


def test_in_a_dialog_it_is_the_sheet_alone(world: World, manager_client: Client) -> None:
    released_twice(world)
    headers = {"HX-Request": "true", "HX-Target": "sheet-place"}
    page = manager_client.get(sheet(world), headers=headers).content.decode()
    assert page.lstrip().startswith("<dialog") and "<html" not in page


def test_one_click_rolls_back_and_shows_the_result(world: World, manager_client: Client) -> None:
    released_twice(world)
    answer = click(manager_client, world)
    done = Rollback.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/rollbacks/{done.pk}/")
    assert (done.state, world.live()) == (RollbackState.DONE, "1")
    page = manager_client.get(f"/rollbacks/{done.pk}/").content.decode()
    assert "live points at v1, with all its callers" in page
    assert page.count("UpdateAlias") == 1
    assert "Checkout fails" in page and "Undo" in page


def test_a_rollback_that_is_history_does_not_say_what_is_live(
    world: World, manager_client: Client
) -> None:
    released_twice(world)
    first = back(world)
    second = back(world, to=2, by="second-manager")
    page = manager_client.get(f"/rollbacks/{first.pk}/").content.decode()
    assert "live was pointed at v1" in page and "v2 is live now" in page
    assert f'<a href="/rollbacks/{second.pk}/">a rollback of second-manager</a>' in page


def test_an_empty_reason_is_asked_for_and_the_version_kept(
    world: World, manager_client: Client
) -> None:
    released_twice(world)
    answer = click(manager_client, world, reason="  ")
    assert answer.status_code == 422
    assert "Say why: it is kept in the history." in answer.content.decode()
    assert (world.live(), Rollback.objects.count()) == ("2", 0)


def test_a_stale_click_changes_nothing_and_keeps_what_was_typed(
    world: World, manager_client: Client
) -> None:
    released_twice(world)
    old = seen(world)
    back(world, by="second-manager")
    answer = click(manager_client, world, to=2, reason="Cards are <declined>", **old)
    words = answer.content.decode()
    assert answer.status_code == 409
    assert "second-manager rolled checkout back to v1 meanwhile, so nothing was done" in words
    assert "Cards are &lt;declined&gt;" in words
    assert (world.live(), Rollback.objects.count()) == ("1", 1)


def test_a_double_click_rolls_back_once(world: World, manager_client: Client) -> None:
    released_twice(world)
    old = seen(world)
    first, second = (click(manager_client, world, **old) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 409)
    assert Rollback.objects.count() == 1


@pytest.mark.parametrize("typed", ["", "latest", "-1", "9" * 30])
def test_a_version_that_is_no_number_is_refused(
    world: World, manager_client: Client, typed: str
) -> None:
    released_twice(world)
    answer = manager_client.post(sheet(world), {"to": typed, "reason": "x"} | seen(world))
    assert (answer.status_code, world.live()) == (422, "2")


@pytest.mark.parametrize("who", ["developer", "security", "admin"])
def test_only_release_managers_get_the_sheet(world: World, client_for: ClientFor, who: str) -> None:
    released_twice(world)
    client = client_for(world.people[who])
    assert client.get(sheet(world)).status_code == 403
    assert click(client, world).status_code == 403
    assert world.live() == "2"
    assert AuditEvent.objects.filter(action="rollback.refused").count() == 1


def test_aws_that_does_not_answer_leaves_the_intent_and_says_so(
    world: World, manager_client: Client
) -> None:
    released_twice(world)
    world.aws.faults.add(Fault("UpdateAlias", "error", status=500, times=99))
    click(manager_client, world)
    intent = Rollback.objects.get()
    page = manager_client.get(f"/rollbacks/{intent.pk}/").content.decode()
    assert intent.state == RollbackState.MOVING
    assert "Asking AWS to point live at v1" in page and "Try again" in page
    world.aws.faults.clear()
    again = manager_client.post(f"/rollbacks/{intent.pk}/try-again/", {"seen": "moving"})
    assert (again.status_code, world.live()) == (302, "1")


def test_a_refusal_of_aws_is_shown_with_its_words(world: World, manager_client: Client) -> None:
    released_twice(world)
    world.aws.faults.add(
        Fault("UpdateAlias", "error", status=403, code="AccessDeniedException", message="no way")
    )
    click(manager_client, world)
    page = manager_client.get(f"/rollbacks/{Rollback.objects.get().pk}/").content.decode()
    assert "could not be pointed at v1" in page and "no way" in page
    assert "Roll back again" in page


@pytest.mark.parametrize("verb", ["agree", "withdraw", "try-again"])
def test_acts_are_posted(world: World, manager_client: Client, verb: str) -> None:
    released_twice(world)
    done = back(world)
    assert manager_client.get(f"/rollbacks/{done.pk}/{verb}/").status_code == 405


def test_undo_goes_forward_again(world: World, manager_client: Client) -> None:
    released_twice(world)
    back(world)
    assert click(manager_client, world, to=2, reason="It was the network").status_code == 302
    assert world.live() == "2"


def test_the_sheet_asks_a_fixed_number_of_queries(
    world: World, manager_client: Client, django_assert_max_num_queries: Any
) -> None:
    released_twice(world)
    Version.objects.bulk_create(
        Version(function=world.function, number=n, code_sha256="x") for n in range(10, 200)
    )
    # The first look has the files compared.
    manager_client.get(sheet(world))
    with django_assert_max_num_queries(22):
        manager_client.get(sheet(world))


def test_the_page_of_a_rollback_asks_a_fixed_number_of_queries(
    world: World, manager_client: Client, django_assert_max_num_queries: Any
) -> None:
    released_twice(world)
    done = back(world)
    with django_assert_max_num_queries(15):
        manager_client.get(f"/rollbacks/{done.pk}/")


def test_the_files_are_compared_while_the_sheet_is_read(
    world: World, manager_client: Client
) -> None:
    released_twice(world)
    page = manager_client.get(sheet(world)).content.decode()
    row = CodeComparison.objects.get(function=world.function)
    address = f"/functions/{world.function.pk}/roll-back/files/?old=2&new=1"
    assert f'hx-get="{address.replace("&", "&amp;")}"' in page
    assert "The files are being compared." in page
    compare_code.compare_code(row.pk)
    part = manager_client.get(address).content.decode()
    assert "1 file changed." in part and "hx-get" not in part and "<html" not in part


@pytest.mark.parametrize("names", ["old=2&new=9", "old=&new=1", "old=2&new=live"])
def test_files_of_versions_that_are_not_known_are_not_found(
    world: World, manager_client: Client, names: str
) -> None:
    released_twice(world)
    address = f"/functions/{world.function.pk}/roll-back/files/?{names}"
    assert manager_client.get(address).status_code == 404


def test_the_page_says_that_aws_moves_the_traffic_until_it_is_over(
    world: World, manager_client: Client
) -> None:
    released_twice(world)
    world.client.put_provisioned_concurrency_config(
        FunctionName=world.name, Qualifier="live", ProvisionedConcurrentExecutions=5
    )
    world.aws.timing.provisioned = 600.0
    done = click(manager_client, world)
    page = f"/rollbacks/{Rollback.objects.get().pk}/"
    assert done["Location"] == page
    text = manager_client.get(page).content.decode()
    assert "v1, and on hold; AWS is moving the traffic over from v2 by itself" in text
    assert "AWS is moving the traffic from v2 to v1 by itself" in text
    assert "with all its callers" not in text
    function = f"/functions/{world.function.pk}/"
    assert "calls run v2 until then" in manager_client.get(function).content.decode()
    world.aws.settle(world.name, account=ACCOUNT, region=REGION)
    poll(world.function.pk)
    text = manager_client.get(page).content.decode()
    assert "points at v1, with all its callers" in text and "aws-moves" not in text


def test_what_somebody_moved_a_moment_ago_can_be_moved_back(
    world: World, manager_client: Client
) -> None:
    """Sluice last read version 2 as live; AWS says otherwise, and the sheet asks AWS."""
    released_twice(world)
    found = manager_client.get(f"{sheet(world)}?to=2").context["sheet"]
    assert found.decision.reason == "v2 is live already."
    world.client.update_alias(FunctionName=world.name, Name="live", FunctionVersion="1")
    found = manager_client.get(f"{sheet(world)}?to=2").context["sheet"]
    assert (found.live_label, found.chosen.version.number) == ("v1", 2)
    assert [each.version.number for each in found.choices] == [2]
    assert found.decision.allowed
    click(manager_client, world, to=2)
    assert world.live() == "2"
