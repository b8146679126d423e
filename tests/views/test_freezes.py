"""The pages of freezes: what is frozen, placing one, lifting one, and out in spite of one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from releases import live
from releases.models import AuditEvent, Environment, Freeze, Hold, Release
from releases.models.freezes import Recurrence
from releases.states import ReleaseState
from tests.factories import EnvironmentFactory, FunctionFactory, ReleaseFactory, with_round

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
ONCE = {
    "environment": "",
    "reason": "Black <b>Friday</b>",
    "recurrence": "once",
    "time_zone": "Europe/Paris",
    "starts_at": "2036-11-27T00:00",
    "ends_at": "2036-11-30T12:00",
}


@pytest.fixture
def production() -> Environment:
    return EnvironmentFactory.create()


def standing(person: User, environment: Environment | None = None, **more: Any) -> Freeze:
    now = timezone.now()
    times = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=2)}
    wanted = {"environment": environment, "reason": "Sale", "placed_by": person} | times | more
    return Freeze.objects.create(**wanted)


def test_a_manager_places_one_by_the_wall_clock_of_a_zone(
    client_for: ClientFor, manager: User, production: Environment
) -> None:
    sent = ONCE | {"environment": production.pk}
    response = client_for(manager).post("/freezes/add/", sent)
    assert response.headers["Location"] == "/freezes/"
    placed = Freeze.objects.get()
    assert (placed.environment, placed.reason) == (production, "Black <b>Friday</b>")
    assert placed.starts_at is not None
    assert placed.starts_at.isoformat() == "2036-11-26T23:00:00+00:00"
    page = client_for(manager).get("/freezes/").content.decode()
    assert "from 2036-11-27 00:00 to 2036-11-30 12:00 Europe/Paris" in page
    assert "Black &lt;b&gt;Friday" in page


def test_one_that_recurs_takes_its_own_times_alone(client_for: ClientFor, admin: User) -> None:
    sent = ONCE | {
        "recurrence": "weekly",
        "from_weekday": "4",
        "from_time": "17:00",
        "to_weekday": "0",
        "to_time": "08:00",
    }
    client_for(admin).post("/freezes/add/", sent)
    placed = Freeze.objects.get()
    assert (placed.recurrence, placed.starts_at) == (Recurrence.WEEKLY, None)
    assert placed.when == "every Friday 17:00 to Monday 08:00 Europe/Paris"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"reason": ""}, "This field is required."),
        ({"time_zone": "Mars"}, "There is no such time zone"),
        ({"ends_at": "2036-11-26T00:00"}, "It ends before it begins."),
        ({"recurrence": "daily"}, "Say from which time of day to which."),
    ],
)
def test_what_was_typed_wrong_is_said_and_kept(
    client_for: ClientFor, manager: User, wrong: dict[str, str], sentence: str
) -> None:
    response = client_for(manager).post("/freezes/add/", ONCE | wrong)
    page = response.content.decode()
    assert (response.status_code, Freeze.objects.exists()) == (422, False)
    assert sentence in page
    assert 'value="2036-11-27T00:00"' in page


def test_others_may_look_but_place_none(client_for: ClientFor, developer: User) -> None:
    client = client_for(developer)
    assert client.get("/freezes/").status_code == 200
    assert client.get("/freezes/add/").status_code == 403
    for typed in (ONCE, ONCE | {"reason": ""}):
        assert client.post("/freezes/add/", typed).status_code == 403
    assert AuditEvent.objects.filter(action="freeze.refused").count() == 1


def test_an_administrator_lifts_one_with_a_reason(
    client_for: ClientFor, admin: User, manager: User
) -> None:
    freeze = standing(manager)
    address = f"/freezes/{freeze.pk}/lift/"
    assert client_for(admin).post(address, {"reason": " "}).status_code == 422
    client_for(admin).post(address, {"reason": "Called off"})
    freeze.refresh_from_db()
    assert (freeze.ended_by, freeze.ended_because) == (admin, "Called off")
    assert "lifted by admin" in client_for(admin).get("/freezes/").content.decode()


def test_a_manager_lifts_none(client_for: ClientFor, manager: User) -> None:
    address = f"/freezes/{standing(manager).pk}/lift/"
    assert client_for(manager).get(address).status_code == 403
    assert client_for(manager).post(address, {"reason": "x"}).status_code == 403


def test_the_list_costs_the_same_for_one_and_for_many(
    client_for: ClientFor, manager: User, production: Environment, django_assert_num_queries: Any
) -> None:
    client = client_for(manager)
    for _ in range(2):
        with django_assert_num_queries(7):
            client.get("/freezes/")
        for _ in range(20):
            standing(manager, production)
            standing(manager, ended_at=timezone.now(), ended_by=manager, ended_because="x")


@pytest.fixture
def release(manager: User, second_manager: User) -> Release:
    made: Release = ReleaseFactory.create(
        function=FunctionFactory.create(), state=ReleaseState.AWAITING_APPROVAL
    )
    return with_round(made)


def test_the_release_page_says_until_when_and_why(
    client_for: ClientFor, manager: User, release: Release
) -> None:
    standing(manager, release.function.environment)
    page = client_for(manager).get(f"/releases/{release.pk}/").content.decode()
    assert "Production is frozen until" in page
    assert 'id="override-dialog"' in page


def test_one_release_goes_out_in_spite_of_it_for_one_approval_more(
    client_for: ClientFor, manager: User, release: Release
) -> None:
    standing(manager, release.function.environment)
    address = f"/releases/{release.pk}/override-freeze/"
    assert client_for(manager).post(address, {"note": ""}).status_code == 422
    client_for(manager).post(address, {"note": "Cards fail"})
    release.refresh_from_db()
    round_ = release.current_round
    assert round_ is not None and round_.managers_required == 2
    page = client_for(manager).get(f"/releases/{release.pk}/").content.decode()
    assert "is frozen until" not in page


def test_a_developer_is_told_who_may(
    client_for: ClientFor, developer: User, manager: User, release: Release
) -> None:
    standing(manager, release.function.environment)
    page = client_for(developer).get(f"/releases/{release.pk}/").content.decode()
    assert "Only release managers override a freeze" in page
    response = client_for(developer).post(f"/releases/{release.pk}/override-freeze/", {"note": "x"})
    assert response.status_code == 403


def frozen_pages(release: Release) -> dict[str, str]:
    """Where somebody could expect a release to go out, and what is said there of a freeze."""
    function = release.function
    return {
        f"/functions/{function.pk}/": "Releases wait for its end",
        "/": "Production is frozen until",
        "/?env=production": "Production is frozen until",
        "/board/": "Frozen until",
        f"/releases/new/?function={function.pk}": "waits for the end of the freeze",
        f"/functions/{function.pk}/resume/": "What you let go waits for that, too.",
    }


@pytest.fixture
def held(release: Release, manager: User) -> Release:
    Hold.objects.create(function=release.function, reason="Closing", placed_by=manager)
    return release


def test_every_page_on_the_way_out_says_so_and_leads_to_the_list(
    client_for: ClientFor, manager: User, held: Release
) -> None:
    standing(manager, held.function.environment, reason="The <i>sale</i>")
    for address, words in frozen_pages(held).items():
        page = client_for(manager).get(address).content.decode()
        assert words in page, address
        assert "The &lt;i&gt;sale" in page and 'href="/freezes/"' in page, address


def test_a_freeze_of_all_environments_is_told_in_each(
    client_for: ClientFor, manager: User, held: Release
) -> None:
    standing(manager, reason="Sale")
    page = client_for(manager).get(f"/functions/{held.function_id}/").content.decode()
    assert "All environments are frozen until" in page
    assert "Frozen until" in client_for(manager).get("/board/").content.decode()


def test_a_freeze_elsewhere_or_at_another_time_is_not(
    client_for: ClientFor, manager: User, held: Release
) -> None:
    later = timezone.now() + timedelta(days=1)
    standing(manager, EnvironmentFactory.create(name="staging"))
    standing(manager, starts_at=later, ends_at=later + timedelta(hours=1))
    for address in set(frozen_pages(held)) - {"/", "/board/"}:
        page = client_for(manager).get(address).content.decode()
        assert "data-freeze" not in page, address


def test_a_rollback_is_not_said_to_wait(
    client_for: ClientFor, manager: User, release: Release
) -> None:
    Release.objects.filter(pk=release.pk).update(rolls_back_to=1)
    standing(manager, release.function.environment)
    page = client_for(manager).get(f"/releases/{release.pk}/").content.decode()
    assert "is frozen until" not in page


def test_more_freezes_cost_no_more_queries(
    client_for: ClientFor, manager: User, held: Release
) -> None:
    client = client_for(manager)

    def asked() -> list[int]:
        found = []
        for address in frozen_pages(held):
            with CaptureQueriesContext(connection) as captured:
                client.get(address)
            found.append(len(captured))
        return found

    asked()
    none = asked()
    for _ in range(10):
        standing(manager, held.function.environment)
        standing(manager)
    assert asked() == none


def test_open_pages_hear_of_it(
    client_for: ClientFor, manager: User, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(live, "changed", lambda *topics: told.extend(topics))
    client_for(manager).post("/freezes/add/", ONCE)
    assert "freezes" in told
    told.clear()
    client_for(admin).post(f"/freezes/{Freeze.objects.get().pk}/lift/", {"reason": "Over"})
    assert "freezes" in told
    assert live.TOPIC.fullmatch("freezes")
