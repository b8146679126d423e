"""Step-up: what matters asks whether it is really them, and then does what was typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from accounts.step_up import DECIDE, ROLL_BACK
from releases.models import AuditEvent, Decision, Release
from releases.policy import matrix
from releases.states import ReleaseState
from tests.rights import RIGHTS
from tests.signing_in import signed_in
from tests.views.scenes import a_release, fingerprint_of

pytestmark = pytest.mark.django_db
GOOD = "a long password for tests"
LATE = timedelta(minutes=16)
DIALOG = {"X-Requested-With": "XMLHttpRequest"}


@pytest.fixture(autouse=True)
def no_limits_left() -> None:
    cache.clear()


@pytest.fixture
def late(manager: User) -> Client:
    """A manager who signed in sixteen minutes ago."""
    manager.set_password(GOOD)
    manager.save()
    return signed_in(manager, ago=LATE)


@pytest.fixture
def release() -> Release:
    return a_release(ReleaseState.AWAITING_APPROVAL)


def approve(client: Client, release: Release, **more: str) -> Any:
    shown = {"fingerprint": fingerprint_of(release), "seen": release.state}
    typed = {"note": 'Looks "good" & small'}
    return client.post(f"/releases/{release.pk}/approve/", shown | typed | more)


def happened() -> list[str]:
    since = AuditEvent.objects.exclude(action="person.signed_in")
    return list(since.order_by("pk").values_list("action", flat=True))


def test_a_recent_sign_in_is_not_asked(
    client_for: Callable[[User], Client], manager: User, release: Release
) -> None:
    assert approve(client_for(manager), release).status_code == 302
    assert Decision.objects.exists()


def test_a_late_one_is_asked_and_nothing_is_lost(late: Client, release: Release) -> None:
    asked = approve(late, release)
    assert asked.status_code == 401
    assert asked.headers["WWW-Authenticate"].startswith("StepUp ")
    page = asked.content.decode()
    assert "within the last 15 minutes" in page
    assert 'name="note" value="Looks &quot;good&quot; &amp; small"' in page
    assert f'name="fingerprint" value="{fingerprint_of(release)}"' in page
    assert f'action="/releases/{release.pk}/approve/"' in page
    assert not Decision.objects.exists()


def test_the_right_answer_goes_on_with_what_was_typed(late: Client, release: Release) -> None:
    done = approve(late, release, **{"step_up-password": GOOD})
    assert done.status_code == 302
    assert Decision.objects.get().reason == 'Looks "good" & small'
    assert "person.stepped_up" in happened()
    assert AuditEvent.objects.filter(sentence__endswith="that it is them, by password").exists()


def test_it_counts_from_then_on(late: Client, release: Release) -> None:
    assert approve(late, release, **{"step_up-password": GOOD}).status_code == 302
    other = a_release(ReleaseState.AWAITING_APPROVAL)
    assert approve(late, other).status_code == 302


def test_a_wrong_answer_says_so_and_keeps_what_was_typed(late: Client, release: Release) -> None:
    asked = approve(late, release, **{"step_up-password": "planted-wrong"})
    assert asked.status_code == 401
    page = asked.content.decode()
    assert "This password is wrong." in page
    assert 'name="note" value="Looks' in page
    assert "planted-wrong" not in page
    event = AuditEvent.objects.get(action="person.step_up_failed")
    assert event.sentence.endswith("could not prove that it is them: a wrong password")
    assert "planted" not in str(event.data)


def test_an_empty_answer_is_no_attempt(late: Client, release: Release) -> None:
    asked = approve(late, release, **{"step_up-password": ""})
    assert "Nothing was entered" in asked.content.decode()
    assert happened() == []


def test_guessing_ends_and_leaves_a_bounded_number_of_rows(late: Client, release: Release) -> None:
    for _ in range(12):
        asked = approve(late, release, **{"step_up-password": "wrong"})
    assert "Too many were wrong" in asked.content.decode()
    assert approve(late, release, **{"step_up-password": GOOD}).status_code == 401
    assert happened() == ["person.step_up_failed"] * 5 + ["person.step_up_limited"]


def test_somebody_elses_password_is_no_answer(
    late: Client, release: Release, second_manager: User
) -> None:
    second_manager.set_password("another long password")
    second_manager.save()
    asked = approve(late, release, **{"step_up-password": "another long password"})
    assert asked.status_code == 401


def test_a_forged_record_of_another_person_does_not_count(
    manager: User, second_manager: User, release: Release
) -> None:
    client = signed_in(manager)
    session = client.session
    session["account_authentication_methods_user"] = str(second_manager.pk)
    session.save()
    assert approve(client, release).status_code == 401


def test_how_long_is_a_setting(late: Client, release: Release, settings: Any) -> None:
    settings.SLUICE_STEP_UP_MINUTES = 17
    assert approve(late, release).status_code == 302


GUARDED = {
    DECIDE: [
        "/releases/1/approve/", "/releases/1/override-freeze/", "/rollbacks/1/agree/",
        "/policy-changes/1/approve/", "/policy-changes/1/reject/", "/functions/1/policy/",
        "/environments/1/policy/", "/freezes/1/lift/", "/functions/1/settings/",
        "/functions/1/team/", "/environments/1/", "/people/0/role/", "/people/0/roles/",
        "/people/0/reactivate/", "/people/0/break-glass/",
    ],
    ROLL_BACK: [
        "/functions/1/roll-back/", "/releases/1/undo-put-back/", "/rollbacks/1/try-again/",
        "/drifts/1/restore/",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "address"), [(kind, each) for kind, found in GUARDED.items() for each in found]
)
def test_what_is_guarded_and_for_how_long(manager: User, kind: str, address: str) -> None:
    limit = timedelta(minutes=15) if kind == DECIDE else timedelta(hours=12)
    just_in_time = signed_in(manager, ago=limit - timedelta(seconds=30))
    too_late = signed_in(manager, ago=limit + timedelta(seconds=30))
    # Nobody is asked: of people, only administrators learn that there is none.
    nothing_there = 403 if address.startswith("/people/") else 404
    assert just_in_time.post(address).status_code == nothing_there
    asked = too_late.post(address, {"reason": "Checkout fails"})
    assert asked.status_code == 401
    assert 'name="reason" value="Checkout fails"' in asked.content.decode()


GIVES_POWER = (
    matrix.APPROVE, matrix.OVERRIDE, matrix.PROPOSE, matrix.DECIDE, matrix.LIFT, matrix.MANAGE,
    matrix.CHANGE, matrix.SET_TEAM, matrix.GIVE_ROLES, matrix.MANAGE_PEOPLE, matrix.ROLL_BACK,
    matrix.RESTORE,
)  # fmt: skip
# What only takes power away never waits for a password.
TAKES_IT = {
    "releases:withdraw_approval", "releases:withdraw_rollback", "releases:withdraw_policy",
    "releases:take_grant", "releases:deactivate", "releases:revoke_invitation",
    "releases:revoke_codes",
}  # fmt: skip


def test_whatever_gives_power_is_guarded(admin: User) -> None:
    """Also what is added later: each address stands in RIGHTS with what it asks for."""
    very_late = signed_in(admin, ago=timedelta(hours=13))
    names = {name for name, asks in RIGHTS.items() if asks.act in GIVES_POWER}
    assert names >= TAKES_IT
    for name in sorted(names):
        address = next(reverse(name, args=args) for args in ([], [0], [0, 0]) if takes(name, args))
        status = very_late.post(address).status_code
        assert (status == 401) == (name not in TAKES_IT), (name, status)


def takes(name: str, args: list[int]) -> bool:
    try:
        return bool(reverse(name, args=args))
    except NoReverseMatch:
        return False


def test_looking_is_free(late: Client) -> None:
    assert late.get("/functions/1/roll-back/").status_code == 404


# --- the dialog ---------------------------------------------------------------------------------
def test_the_dialog_is_not_opened_where_nothing_is_asked(
    client_for: Callable[[User], Client], manager: User
) -> None:
    fresh = client_for(manager).get("/accounts/step-up/?for=decide", headers=DIALOG)
    assert fresh.status_code == 204


def test_the_dialog_asks_and_takes_the_answer(late: Client, release: Release) -> None:
    asked = late.get("/accounts/step-up/?for=decide", headers=DIALOG)
    assert asked.status_code == 401
    assert asked.content.decode().count("<dialog") == 1
    assert "<html" not in asked.content.decode()
    wrong = late.post("/accounts/step-up/?for=decide", {"step_up-password": "x"}, headers=DIALOG)
    assert (wrong.status_code, "is wrong" in wrong.content.decode()) == (401, True)
    right = late.post("/accounts/step-up/?for=decide", {"step_up-password": GOOD}, headers=DIALOG)
    assert right.status_code == 204
    assert approve(late, release).status_code == 302


def test_without_scripts_the_page_leads_on(late: Client) -> None:
    address = "/accounts/step-up/?for=decide"
    asked = late.get(f"{address}&next=/audit/").content.decode()
    assert 'name="next" value="/audit/"' in asked
    done = late.post(address, {"step_up-password": GOOD, "next": "/audit/"})
    assert done.headers["Location"] == "/audit/"


@pytest.mark.parametrize("to", ["https://evil.example.com/", "//evil.example.com", "javascript:1"])
def test_nobody_is_led_elsewhere(late: Client, to: str) -> None:
    answer = {"step_up-password": GOOD, "next": to}
    done = late.post("/accounts/step-up/?for=decide", answer)
    assert done.headers["Location"] == "/"


def test_an_unknown_kind_does_not_exist(late: Client) -> None:
    assert late.get("/accounts/step-up/?for=nothing").status_code == 404


def test_an_answer_is_never_kept_by_a_cache(late: Client) -> None:
    asked = late.get("/accounts/step-up/?for=decide", headers=DIALOG)
    assert "no-store" in asked.headers["Cache-Control"]


def test_whoever_has_neither_is_told_what_to_do(late: Client, manager: User) -> None:
    manager.set_unusable_password()
    manager.save()
    client = signed_in(manager, ago=LATE)
    asked = client.get("/accounts/step-up/?for=decide").content.decode()
    assert "Sign out, sign in again" in asked
