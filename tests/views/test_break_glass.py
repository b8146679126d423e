"""Break-glass codes: on paper, for one person, once, and for everybody to see."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import BreakGlassCode, Role, User
from releases.actions.change_person import change_role, deactivate_person, reactivate_person
from releases.audit import Origin
from releases.models import AuditEvent
from tests.signing_in import PASSWORD

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
HERE = Origin(address="127.0.0.1")


@pytest.fixture(autouse=True)
def nobody_tried_before() -> None:
    cache.clear()


@pytest.fixture
def browser(client_for: ClientFor, admin: User) -> Client:
    """The administrator's."""
    return client_for(admin)


@pytest.fixture
def codes(browser: Client, manager: User) -> list[str]:
    """Of the manager."""
    return printed(browser, manager)


def printed(browser: Client, person: User) -> list[str]:
    response = browser.post(f"/people/{person.pk}/break-glass/")
    assert response.status_code == 201 and "no-store" in response.headers["Cache-Control"]
    return re.findall(r"<code>([A-Z2-9-]{24})</code>", response.content.decode())


def enter(client: Client, code: str, username: str = "manager") -> int:
    return client.post("/break-glass/", {"username": username, "code": code}).status_code


def reasons() -> list[str]:
    found = AuditEvent.objects.filter(action="person.break_glass_failed").order_by("pk")
    return [each.data["reason"] for each in found]


def test_eight_codes_are_shown_once_and_only_their_hashes_kept(
    browser: Client, manager: User, codes: list[str]
) -> None:
    assert len(set(codes)) == 8
    kept = str([*BreakGlassCode.objects.values(), *AuditEvent.objects.values()])
    assert not any(part in kept for code in codes for part in code.split("-")[1:])
    assert all(each.secret_hash.startswith("md5$") for each in BreakGlassCode.objects.all())
    shown = browser.get(f"/people/{manager.pk}/break-glass/").content.decode()
    assert "8 unused" in shown and codes[0] not in shown
    event = AuditEvent.objects.get(action="person.codes_printed")
    assert event.sentence.startswith("admin printed 8 break-glass codes for manager, good until ")


def test_a_code_signs_in_once_and_the_history_shouts(client: Client, codes: list[str]) -> None:
    assert enter(client, codes[0]) == 302
    assert "manager" in client.get("/").content.decode()
    event = AuditEvent.objects.get(action="person.broke_glass")
    assert event.sentence.startswith("BREAK GLASS: manager signed in with a code that admin")
    assert enter(Client(), codes[0]) == 403
    assert reasons() == ["it was used already"]


def test_it_is_typed_as_people_type(client: Client, codes: list[str]) -> None:
    assert enter(client, f" {codes[0].lower().replace('-', ' ')}\n") == 302


def test_everybody_sees_a_banner_until_the_session_ends(
    client: Client, client_for: ClientFor, viewer: User, codes: list[str]
) -> None:
    reader = client_for(viewer)
    banner = "is signed in with a break-glass code since"
    assert banner not in reader.get("/").content.decode()
    enter(client, codes[0])
    for path in ("/", "/audit/", "/functions/"):
        assert banner in reader.get(path).content.decode()
    client.post("/accounts/logout/")
    assert banner not in reader.get("/").content.decode()


def test_the_banner_ends_with_the_session(client: Client, codes: list[str]) -> None:
    enter(client, codes[0])
    BreakGlassCode.objects.update(session_ends_at=timezone.now())
    assert "data-break-glass" not in client.get("/").content.decode()


def test_it_is_over_after_four_hours_whatever_is_done_in_it(
    client: Client, client_for: ClientFor, manager: User, viewer: User, codes: list[str]
) -> None:
    manager.set_password(PASSWORD)
    manager.save()
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        enter(client, codes[0])
    with time_machine.travel(start + timedelta(hours=3, minutes=55), tick=False):
        # Saves the session, as much does.
        proof = {"step_up-password": PASSWORD}
        assert client.post("/accounts/step-up/?for=decide", proof).status_code == 302
        assert client.session.get_expiry_age() == 5 * 60
    reader = client_for(viewer)
    for minutes, is_in in ((239, True), (241, False)):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            assert (client.get("/audit/").status_code == 200) == is_in
            assert ("data-break-glass" in reader.get("/").content.decode()) == is_in


def test_new_codes_replace_the_older_ones(
    browser: Client, client: Client, manager: User, codes: list[str]
) -> None:
    newer = printed(browser, manager)
    assert enter(client, codes[0]) == 403
    assert reasons() == ["it was revoked"]
    assert enter(client, newer[0]) == 302


def test_codes_are_revoked(
    browser: Client, client: Client, manager: User, codes: list[str]
) -> None:
    path = f"/people/{manager.pk}/break-glass/revoke/"
    assert (
        "8 break-glass codes of manager let nobody"
        in browser.post(path, follow=True).content.decode()
    )
    assert enter(client, codes[0]) == 403
    assert browser.post(path).status_code == 409


def test_codes_expire(client: Client, codes: list[str]) -> None:
    row = BreakGlassCode.objects.first()
    assert row and row.expires_at - row.printed_at > timedelta(days=89)
    BreakGlassCode.objects.update(expires_at=timezone.now())
    assert enter(client, codes[0]) == 403
    assert reasons() == ["it has expired"]


def test_a_code_is_its_persons_alone(client: Client, admin: User, codes: list[str]) -> None:
    assert enter(client, codes[0], "admin") == 403
    assert enter(client, codes[0][:-1] + "?") == 403
    assert enter(client, "") == 403
    assert reasons() == ["there is no such code"] * 3


@pytest.mark.parametrize("change", ["role", "out"])
def test_whoever_lost_the_role_or_is_out_is_not_let_in(
    client: Client, admin: User, manager: User, codes: list[str], change: str
) -> None:
    if change == "role":
        change_role(manager, Role.VIEWER, seen=manager.role, by=admin, origin=HERE)
    else:
        deactivate_person(manager, by=admin, origin=HERE)
        reactivate_person(manager, by=admin, origin=HERE)
    assert enter(client, codes[0]) == 403


def test_deactivating_ends_the_session_and_its_banner(
    browser: Client, client: Client, admin: User, manager: User, codes: list[str]
) -> None:
    enter(client, codes[0])
    deactivate_person(manager, by=admin, origin=HERE)
    assert client.get("/").status_code == 302
    assert "data-break-glass" not in browser.get("/").content.decode()


def test_guesses_are_limited(client: Client, codes: list[str]) -> None:
    assert [enter(client, "ABCD-made-up") for _ in range(6)] == [403] * 5 + [429]
    # Also for the right one, and from elsewhere.
    assert client.post("/break-glass/", {"username": "manager", "code": codes[0]},
                       REMOTE_ADDR="192.0.2.9").status_code == 429  # fmt: skip
    assert AuditEvent.objects.filter(action="person.sign_in_limited").exists()


def test_codes_are_for_those_who_are_needed(
    browser: Client, client_for: ClientFor, viewer: User, manager: User
) -> None:
    assert browser.post(f"/people/{viewer.pk}/break-glass/").status_code == 403
    assert client_for(manager).get(f"/people/{manager.pk}/break-glass/").status_code == 403
    assert not BreakGlassCode.objects.exists()


def test_whoever_is_signed_in_needs_none(browser: Client, codes: list[str]) -> None:
    assert browser.get("/break-glass/").headers["Location"] == "/"
    assert enter(browser, codes[0]) == 409


def test_the_sign_in_page_leads_there(client: Client, settings: Any) -> None:
    assert 'href="/break-glass/"' in client.get("/accounts/login/").content.decode()
