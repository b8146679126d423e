"""The pages of people: the list, a person, another role, out and in again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User
from releases.models import AuditEvent
from tests.factories import UserFactory
from tests.scopes import give
from tests.signing_in import signed_in

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


@pytest.fixture
def browser(client_for: ClientFor, admin: User) -> Client:
    """The administrator's."""
    return client_for(admin)


def page(browser: Client, path: str) -> str:
    return browser.get(path).content.decode()


def test_the_list_says_who_in_which_role_and_how(browser: Client, settings: Any) -> None:
    settings.SLUICE_OIDC_ISSUER = "https://id.example"
    ines = UserFactory.create(username="ines", first_name="Ines <b>", role=Role.SECURITY)
    ines.set_password("a long password for tests")
    ines.save()
    Authenticator.objects.create(user=ines, type=Authenticator.Type.TOTP, data={})
    SocialAccount.objects.create(user=ines, provider="https://id.example", uid="1")
    shown = page(browser, "/people/?q=ines")
    assert "Ines &lt;b&gt;" in shown and "Security" in shown and "never" in shown
    assert "password, authenticator app, single sign-on" in shown


def test_people_are_found_by_name_role_and_activity(browser: Client, manager: User) -> None:
    UserFactory.create(username="gone", is_active=False)
    for query, found in (
        ("q=MANA", "manager"),
        ("role=release_manager", "manager"),
        ("state=deactivated", "gone"),
    ):
        shown = page(browser, f"/people/?{query}")
        names = [name for name in ("manager", "gone", "admin") if f">{name}</a>" in shown]
        assert names == [found], query
    assert "Nobody matches" in page(browser, "/people/?q=nobody-at-all")


def test_a_filter_that_makes_no_sense_narrows_nothing(browser: Client, manager: User) -> None:
    assert ">manager</a>" in page(browser, "/people/?role=emperor&state=asleep&after=x")


def test_more_than_fifty_come_page_by_page(browser: Client) -> None:
    for number in range(60):
        UserFactory.create(username=f"a-person-{number:02}")
    first = page(browser, "/people/?q=a-person")
    assert "a-person-49<" in first and "a-person-50<" not in first
    last = User.objects.get(username="a-person-49")
    second = page(browser, f"/people/?q=a-person&after={last.pk}")
    assert "a-person-49<" not in second and "a-person-59<" in second
    assert "First page" in second


def test_the_queries_of_the_list_do_not_grow(browser: Client) -> None:
    UserFactory.create_batch(2)
    page(browser, "/people/")
    with CaptureQueriesContext(connection) as few:
        page(browser, "/people/")
    UserFactory.create_batch(20)
    with CaptureQueriesContext(connection) as many:
        page(browser, "/people/")
    assert len(few) == len(many)


@pytest.mark.parametrize("path", ["/people/", "/people/{}/role/", "/people/{}/deactivate/"])
def test_only_administrators_see_them(client_for: ClientFor, manager: User, path: str) -> None:
    response = client_for(manager).get(path.format(UserFactory.create().pk))
    assert response.status_code == 403
    assert "Only administrators manage people." in response.content.decode()


def test_others_see_a_person_and_nothing_to_change(client_for: ClientFor, viewer: User) -> None:
    shown = page(client_for(viewer), f"/people/{viewer.pk}/")
    assert "Change role" not in shown and "Deactivate" not in shown


def test_a_role_is_changed_and_the_change_undone(browser: Client, viewer: User) -> None:
    path = f"/people/{viewer.pk}/role/"
    sent = {"role": "developer", "seen": "viewer"}
    shown = browser.post(path, sent, follow=True).content.decode()
    viewer.refresh_from_db()
    assert viewer.role == Role.DEVELOPER
    assert "viewer is developer now." in shown and "Undo: Viewer again" in shown
    browser.post(path, {"role": "viewer", "seen": "developer"})
    viewer.refresh_from_db()
    assert viewer.role == Role.VIEWER
    sentences = AuditEvent.objects.filter(action="person.role_changed").order_by("pk")
    assert [each.sentence for each in sentences] == [
        "admin made viewer developer, who was viewer",
        "admin made viewer viewer, who was developer",
    ]


@pytest.mark.parametrize(
    ("role", "sentence"),
    [("viewer", "viewer is viewer already."), ("emperor", "emperor is not one of the available")],
)
def test_a_role_that_is_none_is_refused(
    browser: Client, viewer: User, role: str, sentence: str
) -> None:
    response = browser.post(f"/people/{viewer.pk}/role/", {"role": role, "seen": "viewer"})
    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_whoever_has_no_role_is_told_so_in_english(
    browser: Client, client_for: ClientFor, viewer: User
) -> None:
    theirs, sent = client_for(viewer), {"role": "none", "seen": "viewer"}
    assert "You have no role yet" not in page(theirs, "/")
    shown = browser.post(f"/people/{viewer.pk}/role/", sent, follow=True).content.decode()
    assert "viewer has no role now." in shown
    again = browser.post(f"/people/{viewer.pk}/role/", sent | {"seen": "none"}).content.decode()
    assert "viewer has no role already." in again
    for path in ("/", "/functions/", "/releases/"):
        assert "You have no role yet" in page(theirs, path)
    give(viewer, Role.DEVELOPER, pattern="pay-*")
    assert "You have no role yet" not in page(theirs, "/")


def test_a_stale_page_changes_nothing(browser: Client, manager: User) -> None:
    sent = {"role": "auditor", "seen": "viewer"}
    response = browser.post(f"/people/{manager.pk}/role/", sent)
    assert response.status_code == 409
    manager.refresh_from_db()
    assert manager.role == Role.RELEASE_MANAGER


def test_nobody_changes_themselves(browser: Client, admin: User) -> None:
    assert "Nobody changes their own role" in page(browser, f"/people/{admin.pk}/")
    for verb, sent in (("role", {"role": "viewer", "seen": "administrator"}), ("deactivate", {})):
        assert browser.post(f"/people/{admin.pk}/{verb}/", sent).status_code == 403
    admin.refresh_from_db()
    assert (admin.role, admin.is_active) == (Role.ADMINISTRATOR, True)


def test_somebody_is_deactivated_after_a_question_and_reactivated(
    browser: Client, client_for: ClientFor, manager: User
) -> None:
    theirs = client_for(manager)
    path = f"/people/{manager.pk}"
    assert "signed out everywhere at once" in page(browser, f"{path}/deactivate/")
    shown = browser.post(f"{path}/deactivate/", follow=True).content.decode()
    assert "manager is deactivated and signed out everywhere." in shown and "Reactivate" in shown
    assert theirs.get("/").headers["Location"] == "/accounts/login/?next=/"
    browser.post(f"{path}/reactivate/")
    manager.refresh_from_db()
    assert manager.is_active
    # What was open stays closed.
    assert theirs.get("/").status_code == 302


@pytest.mark.parametrize("path", ["/people/invite/", "/people/{}/role/", "/people/{}/break-glass/"])
def test_what_gives_power_asks_for_a_recent_sign_in(admin: User, manager: User, path: str) -> None:
    browser = signed_in(admin, ago=timedelta(hours=1))
    response = browser.post(path.format(manager.pk), {"role": "viewer", "seen": manager.role})
    assert response.status_code == 401
    manager.refresh_from_db()
    assert manager.role == Role.RELEASE_MANAGER


@pytest.mark.parametrize("path", ["role/", "deactivate/", "reactivate/", "roles/", "break-glass/"])
def test_only_administrators_learn_whether_there_is_such_a_person(
    client_for: ClientFor, browser: Client, manager: User, path: str
) -> None:
    own, nobody = client_for(manager), manager.pk + 1_000_000
    answers = [own.post(f"/people/{pk}/{path}") for pk in (manager.pk, nobody)]
    assert [each.status_code for each in answers] == [403, 403]
    reasons = [re.findall(r"<p.*</p>", each.content.decode()) for each in answers]
    assert reasons[0] == reasons[1]
    assert browser.post(f"/people/{nobody}/{path}").status_code == 404
