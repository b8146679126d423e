"""The page of a drift, and where drift shows: nobody decides on what they did not see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from releases.aws.errors import AccessDenied
from releases.errors import StaleDrift
from releases.models import AuditEvent, Drift, DriftState, Function, Version
from releases.states import ReleaseState
from releases.views import drifts
from tests.factories import EnvironmentFactory, FunctionFactory, ReleaseFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
BEFORE = {"MemorySize": 128, "Environment": {"TOKEN": "hmac:aaaabbbb00000000"}, "Description": ""}
AFTER = {"MemorySize": 512, "Environment": {"TOKEN": "hmac:ccccdddd00000000"}, "Description": ""}


def drifted(**more: Any) -> Drift:
    function = more.pop("function", None) or FunctionFactory.create(live_version=7)
    Version.objects.create(function=function, number=7, code_sha256="one", configuration=BEFORE)
    wanted: dict[str, Any] = {
        "kinds": ["code", "configuration"],
        "what": ["the code of $LATEST is now theirs", "MemorySize changed from 128 to 512"],
        "before_code_sha256": "b25l",
        "after_code_sha256": "dGhlaXJz",
        "before_configuration": BEFORE,
        "after_configuration": AFTER,
        "before_version": 7,
        "after_version": 7,
    }
    return Drift.objects.create(function=function, **wanted | more)


@pytest.fixture
def drift(db: None) -> Drift:
    return drifted()


def page(client: Client, drift: Drift) -> str:
    return client.get(f"/drifts/{drift.pk}/").content.decode()


def test_a_stranger_has_to_sign_in(client: Client, drift: Drift) -> None:
    assert client.get(f"/drifts/{drift.pk}/").status_code == 302


def test_it_says_what_changed_and_for_whom(
    client_for: ClientFor, drift: Drift, viewer: User
) -> None:
    shown = page(client_for(viewer), drift)
    assert "128 MB" in shown and "512 MB" in shown
    assert "hmac aaaa bbbb" in shown and "hmac cccc dddd" in shown
    assert "are not affected: they run v7 as before" in shown
    assert f"/functions/{drift.function_id}/compare/?old=7&amp;new=%24LATEST" in shown


def test_a_viewer_reads_and_every_button_says_who_may(
    client_for: ClientFor, drift: Drift, viewer: User
) -> None:
    shown = page(client_for(viewer), drift)
    assert "Only developers and release managers adopt what was changed outside Sluice" in shown
    assert "Only release managers put a function back" in shown
    assert "Only release managers ignore what was changed outside Sluice" in shown
    assert "<dialog" in shown and "adopt-dialog" not in shown


def test_a_manager_sees_what_each_choice_would_do(
    client_for: ClientFor, drift: Drift, manager: User
) -> None:
    shown = page(client_for(manager), drift)
    assert "It needs one approval more" in shown
    assert "The configuration of v7 is written to" in shown
    assert "The code goes back by a release, which waits for approval" in shown
    assert "Put " in shown and "back to v7?" in shown


@pytest.mark.parametrize(
    ("kinds", "says"),
    [
        (["alias"], "Callers of"),
        (["deleted"], "is no longer in AWS"),
        (["recreated"], "was deleted in AWS and made again"),
    ],
)
def test_every_kind_says_what_it_means(
    client_for: ClientFor, manager: User, kinds: list[str], says: str
) -> None:
    drift = drifted(kinds=kinds, after_version=8, what=["something moved"])
    assert says in page(client_for(manager), drift)


@pytest.mark.parametrize(
    ("kinds", "says"),
    [
        (["code", "configuration"], "were not affected: they ran v8 as before"),
        (["alias"], "ran v8 from then on. Before it was v7."),
        (["deleted"], "was gone from AWS"),
        (["recreated"], "Its callers ran what was made"),
    ],
)
def test_what_is_over_is_told_as_past(
    client_for: ClientFor, manager: User, kinds: list[str], says: str
) -> None:
    drift = drifted(kinds=kinds, after_version=8, state=DriftState.GONE, closed_at=timezone.now())
    shown = page(client_for(manager), drift)
    assert says in shown
    assert "Now in AWS" not in shown


def test_ignoring_needs_a_reason_and_keeps_what_was_typed(
    client_for: ClientFor, drift: Drift, manager: User
) -> None:
    client, address = client_for(manager), f"/drifts/{drift.pk}/ignore/"
    response = client.post(address, {"seen": "1", "reason": " "})
    assert response.status_code == 422
    assert "Say why nothing has to be done about it" in response.content.decode()
    response = client.post(address, {"seen": "1", "reason": "Load test"}, follow=True)
    assert "Ignored by manager" in response.content.decode()
    assert "Load test" in response.content.decode()


def test_a_stale_click_is_told_what_is_there_now(
    client_for: ClientFor, drift: Drift, manager: User
) -> None:
    Drift.objects.update(revision=2, what=["Timeout changed from 3 to 60"])
    response = client_for(manager).post(f"/drifts/{drift.pk}/adopt/", {"seen": "1"})
    assert response.status_code == 409
    assert "Timeout changed from 3 to 60" in response.content.decode()
    drift.refresh_from_db()
    assert drift.is_open and drift.release is None


def test_adopting_leads_to_the_release(
    client_for: ClientFor, drift: Drift, developer: User
) -> None:
    response = client_for(developer).post(f"/drifts/{drift.pk}/adopt/", {"seen": "1"})
    drift.refresh_from_db()
    assert response.headers["Location"] == f"/releases/{drift.release_id}/"
    assert "is on its way with it" in page(client_for(developer), drift)


@pytest.mark.parametrize(
    ("problem", "status", "says"),
    [
        (AccessDenied("no", name="AccessDenied"), 502, "AWS refused: AccessDenied"),
        (StaleDrift("It moved once more."), 409, "It moved once more."),
    ],
)
def test_what_could_not_be_restored_is_explained(
    client_for: ClientFor,
    drift: Drift,
    manager: User,
    monkeypatch: pytest.MonkeyPatch,
    problem: Exception,
    status: int,
    says: str,
) -> None:
    def refuses(*args: Any, **more: Any) -> None:
        raise problem

    monkeypatch.setattr(drifts, "restore_drift", refuses)
    response = client_for(manager).post(f"/drifts/{drift.pk}/restore/", {"seen": "1"})
    assert response.status_code == status
    assert says in response.content.decode()


def test_whoever_may_not_gets_403_and_is_in_the_history(
    client_for: ClientFor, drift: Drift, developer: User
) -> None:
    response = client_for(developer).post(f"/drifts/{drift.pk}/restore/", {"seen": "1"})
    assert response.status_code == 403
    assert "Only release managers put a function back" in response.content.decode()
    assert AuditEvent.objects.filter(action="drift.refused").exists()


@pytest.mark.parametrize("verb", ["adopt", "restore", "ignore"])
def test_links_decide_nothing(
    client_for: ClientFor, drift: Drift, manager: User, verb: str
) -> None:
    assert client_for(manager).get(f"/drifts/{drift.pk}/{verb}/").status_code == 405


def test_it_is_on_the_function_page(client_for: ClientFor, drift: Drift, viewer: User) -> None:
    shown = client_for(viewer).get(f"/functions/{drift.function_id}/").content.decode()
    assert "Memory changed from 128 to 512" in shown
    assert f"/drifts/{drift.pk}/" in shown
    Drift.objects.update(state=DriftState.IGNORED)
    shown = client_for(viewer).get(f"/functions/{drift.function_id}/").content.decode()
    assert "Changed outside Sluice" not in shown


def test_former_versions_are_spoken_of(client_for: ClientFor, drift: Drift, viewer: User) -> None:
    Version.objects.update(replaced_at=drift.found_at)
    shown = client_for(viewer).get(f"/functions/{drift.function_id}/").content.decode()
    assert "1 version of the function of this name that was deleted in AWS" in shown


def listed(client: Client, query: str = "") -> list[Drift]:
    found: list[Drift] = client.get(f"/{query}").context["drifts"]
    return found


def test_it_needs_attention_on_the_dashboard(
    client_for: ClientFor, drift: Drift, viewer: User
) -> None:
    client = client_for(viewer)
    assert listed(client) == listed(client, "?env=production") == [drift]
    assert "Memory changed from 128 to 512" in client.get("/").content.decode()
    EnvironmentFactory.create(name="staging")
    assert listed(client, "?env=staging") == []


def test_a_release_in_conflict_about_it_is_the_row_to_act_on(
    client_for: ClientFor, drift: Drift, viewer: User
) -> None:
    ReleaseFactory.create(function=drift.function, state=ReleaseState.CONFLICT)
    assert listed(client_for(viewer)) == []


def test_the_number_of_queries_does_not_grow(
    client_for: ClientFor, drift: Drift, manager: User, django_assert_num_queries: Any
) -> None:
    client = client_for(manager)
    with django_assert_num_queries(12):
        client.get(f"/drifts/{drift.pk}/")
    client.get("/")
    with CaptureQueriesContext(connection) as one:
        client.get("/")
    for _ in range(5):
        drifted(function=FunctionFactory.create(live_version=7))
    with CaptureQueriesContext(connection) as six:
        client.get("/")
    assert len(six) == len(one)


def test_an_environment_is_read_again_on_demand(
    client_for: ClientFor, drift: Drift, developer: User, viewer: User
) -> None:
    function: Function = drift.function
    address = f"/environments/{function.environment_id}/sync/"
    assert client_for(viewer).post(address).status_code == 403
    client = client_for(developer)
    assert "Read all again from AWS" in client.get("/functions/?env=production").content.decode()
    response = client.post(address, follow=True)
    assert "what moved shows within five minutes" in response.content.decode()


def test_an_environment_that_cannot_be_listed_says_so(
    client_for: ClientFor, drift: Drift, viewer: User
) -> None:
    environment = drift.function.environment
    environment.list_problem = "AccessDeniedException: no"
    environment.save()
    shown = client_for(viewer).get("/functions/?env=production").content.decode()
    assert "The functions of this environment cannot be listed" in shown
