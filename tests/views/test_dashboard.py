"""The dashboard's promises."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from releases.models import Decision, Release, Round, Step
from releases.states import ReleaseState
from tests.factories import EnvironmentFactory, FunctionFactory, IntakeFactory, ReleaseFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


def waiting(**values: Any) -> Release:
    release = ReleaseFactory.create(state=ReleaseState.AWAITING_APPROVAL, **values)
    Round.objects.create(
        release=release, number=1, fingerprint="f" * 64, parts={}, managers_required=2
    )
    return release


def approve(release: Release, person: User) -> Decision:
    round_ = release.rounds.get()
    return Decision.objects.create(
        round=round_, person=person, verdict="approve", fingerprint=round_.fingerprint
    )


def mine(client: Client) -> list[Release]:
    found: list[Release] = client.get("/").context["mine"]
    return found


def test_a_stranger_is_sent_to_sign_in(client: Client) -> None:
    assert client.get("/").headers["Location"] == "/accounts/login/?next=/"


def test_a_manager_sees_what_waits_for_them(client_for: ClientFor, manager: User) -> None:
    release = waiting()
    page = client_for(manager).get("/").content.decode()
    assert release.reference in page
    assert "0/2" in page


def test_a_renewed_round_goes_on_from_what_was_done_before_it(
    client_for: ClientFor, manager: User
) -> None:
    staged_first = FunctionFactory.create(gate="stage_first")
    release = waiting(requested_by=manager, function=staged_first)
    for name in ("check", "stage"):
        Step.objects.create(release=release, round_number=1, name=name, outcome="done")
    Release.objects.update(round_number=2)
    [row] = client_for(manager).get("/").context["moving"]
    assert [stop.word for stop in row.stops[:3]] == ["done", "done", "waiting for approval"]


def test_the_requester_is_not_asked_to_decide(client_for: ClientFor, manager: User) -> None:
    waiting(requested_by=manager)
    assert mine(client_for(manager)) == []


def test_whoever_brought_in_the_bytes_is_not_asked(client_for: ClientFor, manager: User) -> None:
    release = waiting()
    IntakeFactory.create(artifact=release.artifact, person=manager, function=release.function)
    assert mine(client_for(manager)) == []


def test_an_author_by_other_means_is_not_asked(client_for: ClientFor, manager: User) -> None:
    waiting().authorships.create(person=manager, because="adopted what was in AWS")
    assert mine(client_for(manager)) == []


def test_whoever_decided_is_not_asked_again(client_for: ClientFor, manager: User) -> None:
    approve(waiting(), manager)
    assert mine(client_for(manager)) == []


def test_a_developer_is_not_asked(client_for: ClientFor, developer: User) -> None:
    waiting()
    assert mine(client_for(developer)) == []


def test_the_longest_wait_comes_first(client_for: ClientFor, manager: User) -> None:
    young, old = waiting(), waiting()
    old.rounds.update(opened_at=timezone.now() - timedelta(hours=2))
    client = client_for(manager)
    assert mine(client) == [old, young]
    assert "<b>2 h 00 min</b> waiting" in client.get("/").content.decode()


def test_only_approvals_that_count_are_counted(
    client_for: ClientFor, manager: User, second_manager: User, developer: User
) -> None:
    release = waiting()
    approve(release, second_manager)
    approve(release, developer)
    expired = approve(release, release.requested_by)
    Decision.objects.filter(pk=expired.pk).update(decided_at=timezone.now() - timedelta(days=30))
    shown = client_for(manager).get("/")
    assert shown.context["approvals"] == {release.pk: (1, 2)}
    assert "<b>1/2</b>" in shown.content.decode()


def test_a_stuck_release_names_whom_it_blocks(client_for: ClientFor, viewer: User) -> None:
    stuck = ReleaseFactory.create(state=ReleaseState.FAILED, error_message="AWS said no.")
    queued = ReleaseFactory.create(function=stuck.function, state=ReleaseState.QUEUED)
    page = client_for(viewer).get("/").content.decode()
    assert "AWS said no." in page
    assert f"{queued.reference}</a> by {queued.requested_by.name}" in page


def test_a_released_one_says_who_approved_it(
    client_for: ClientFor, viewer: User, manager: User
) -> None:
    released = ReleaseFactory.create(
        state=ReleaseState.RELEASED, version_number=3, finished_at=timezone.now()
    )
    round_ = Round.objects.create(
        release=released, number=1, fingerprint="a" * 64, parts={}, managers_required=1
    )
    Decision.objects.create(
        round=round_, person=manager, verdict="approve", fingerprint=round_.fingerprint
    )
    assert manager.name in client_for(viewer).get("/").content.decode()


def test_only_the_version_that_is_live_is_tagged_so(client_for: ClientFor, viewer: User) -> None:
    function = FunctionFactory.create(live_version=3)
    for version in (2, 3):
        ReleaseFactory.create(
            function=function,
            state=ReleaseState.RELEASED,
            target_alias="live",
            version_number=version,
            finished_at=timezone.now(),
        )
    page = client_for(viewer).get("/").content.decode()
    assert re.findall(r"<b>v(\d)</b> <span class=\"tag tag-alias\">live", page) == ["3"]


def test_the_environment_filter_hides_the_others(client_for: ClientFor, manager: User) -> None:
    waiting()
    other = FunctionFactory.create(environment=EnvironmentFactory.create(name="staging"))
    there = waiting(function=other)
    response = client_for(manager).get("/?env=staging")
    assert response.context["mine"] == [there]


def test_an_unknown_environment_is_not_found(client_for: ClientFor, viewer: User) -> None:
    assert client_for(viewer).get("/?env=nowhere").status_code == 404


def test_the_partial_brings_the_count_in_the_navigation(
    client_for: ClientFor, manager: User
) -> None:
    waiting()
    part = client_for(manager).get("/_dashboard/").content.decode()
    assert 'hx-swap-oob="true"' in part
    assert "<title>(1) Dashboard" in part
    assert "<html" not in part


def test_the_number_of_queries_does_not_grow(
    client_for: ClientFor, manager: User, django_assert_max_num_queries: Any
) -> None:
    for state in (ReleaseState.STAGING, ReleaseState.FAILED, ReleaseState.QUEUED) * 4:
        ReleaseFactory.create(state=state)
    for _ in range(5):
        waiting()
    client = client_for(manager)
    with django_assert_max_num_queries(19):
        client.get("/")


def test_post_is_refused(client_for: ClientFor, viewer: User) -> None:
    assert client_for(viewer).post("/").status_code == 405
