"""What the release page says: who changed what, whose approvals went, and what still counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from releases.audit import record
from releases.models import Decision, Freeze, Function, Hold, Intake
from releases.states import ReleaseState
from tests.factories import FunctionFactory, IntakeFactory
from tests.views.scenes import a_release, approved_by

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


@pytest.fixture
def browser(client_for: ClientFor, manager: User) -> Client:
    return client_for(manager)


def shown(browser: Client, address: str, **asked: str) -> str:
    return browser.get(address, asked).content.decode()


def test_a_changed_release_says_who_changed_it(browser: Client, second_manager: User) -> None:
    release = a_release()
    record("function.changed", by=second_manager, function=release.function, changes="gate")
    text = shown(browser, f"/releases/{release.pk}/_notices/", fingerprint="0" * 64)
    assert f"{second_manager.name} changed the settings of {release.function.name}: gate" in text


def test_what_happened_before_the_review_is_not_blamed(browser: Client, manager: User) -> None:
    release = a_release()
    event = record("function.changed", by=manager, function=release.function, changes="gate")
    seen = release.rounds.get()
    release.rounds.update(opened_at=event.at + timedelta(hours=1), number=2)
    type(release).objects.update(round_number=2)
    seen.pk, seen.number, seen.fingerprint = None, 1, "1" * 64
    seen.save(force_insert=True)
    type(seen).objects.filter(pk=seen.pk).update(opened_at=event.at + timedelta(hours=1))
    text = shown(browser, f"/releases/{release.pk}/_notices/", fingerprint="1" * 64)
    assert "This release changed while you were reading" in text
    assert "changed the settings" not in text


def test_an_ended_release_promises_nothing_about_approvals(browser: Client) -> None:
    text = shown(browser, f"/releases/{a_release(ReleaseState.REJECTED).pk}/_approvals/")
    assert "What approvals were for" in text
    assert "every approval lapses" not in text


def test_a_withdrawn_approval_stays_visible(browser: Client, second_manager: User) -> None:
    release = a_release()
    approved_by(release, second_manager)
    Decision.objects.update(withdrawn_at=timezone.now())
    card = shown(browser, f"/releases/{release.pk}/_approvals/").split("An approval is")[0]
    assert second_manager.name in card
    assert "withdrew it" in card
    assert "0 of 1" in card


@pytest.mark.parametrize(
    ("state", "said"),
    [(ReleaseState.FAILED, "has failed;"), (ReleaseState.CONFLICT, "is in conflict;")],
)
def test_who_waits_reads_how_the_other_one_stands(
    browser: Client, state: ReleaseState, said: str
) -> None:
    function = FunctionFactory.create()
    ahead = a_release(state, function=function)
    waits = a_release(ReleaseState.QUEUED, function=function)
    words = " ".join(shown(browser, f"/releases/{waits.pk}/_notices/").split())
    assert f"{ahead.reference} {said}" in words


def test_an_approval_under_a_hold_promises_no_start(browser: Client, manager: User) -> None:
    release = a_release()
    address = f"/releases/{release.pk}/"
    assert "Staging starts at once" in shown(browser, address)
    Hold.objects.create(function=release.function, reason="Month-end closing", placed_by=manager)
    text = shown(browser, address)
    assert "starts at once" not in text
    assert f"waits for a release manager to resume {release.function.name}" in text


def test_an_approval_under_a_freeze_promises_no_start(browser: Client, manager: User) -> None:
    now, hour = timezone.now(), timedelta(hours=1)
    Freeze.objects.create(
        reason="Black Friday", placed_by=manager, starts_at=now - hour, ends_at=now + hour
    )
    text = shown(browser, f"/releases/{a_release().pk}/")
    assert "starts at once" not in text
    assert "goes out by itself when the freeze is over" in text


def test_an_approval_before_its_time_promises_no_start(browser: Client) -> None:
    release = a_release(not_before=timezone.now() + timedelta(hours=1))
    text = shown(browser, f"/releases/{release.pk}/")
    assert "starts at once" not in text
    assert "goes out by itself at <time" in text


def test_a_retry_says_that_approvals_still_count(browser: Client, second_manager: User) -> None:
    release = a_release(ReleaseState.FAILED)
    assert "still count" not in shown(browser, f"/releases/{release.pk}/_notices/")
    approved_by(release, second_manager)
    assert "The approval still counts" in shown(browser, f"/releases/{release.pk}/_notices/")


def test_only_what_was_just_read_looks_live(browser: Client) -> None:
    release = a_release()
    Function.objects.update(latest_code_sha256="code", synced_at=timezone.now())
    card = f"/releases/{release.pk}/_identity/"
    assert 'class="live"' in shown(browser, card)
    Function.objects.update(synced_at=timezone.now() - timedelta(days=3))
    text = shown(browser, card)
    assert 'class="live"' not in text
    assert "Read again" in text


def test_the_name_of_the_file_is_there(browser: Client) -> None:
    release = a_release(intake=IntakeFactory.create(label="checkout-7.zip"))
    assert "checkout-7.zip" in shown(browser, f"/releases/{release.pk}/")


def test_an_unknown_number_is_named(browser: Client) -> None:
    assert "There is no R-99999" in shown(browser, "/releases/99999/")


def test_nobody_is_told_that_they_are_like_themselves(
    client_for: ClientFor, developer: User, second_developer: User
) -> None:
    first: Intake = IntakeFactory.create(person=developer)
    again = IntakeFactory.create(person=developer, artifact=first.artifact, function=first.function)
    mine = shown(client_for(developer), f"/intakes/{again.pk}/")
    assert "first brought in by you" in mine
    assert "like you" not in mine
    theirs = IntakeFactory.create(
        person=second_developer, artifact=first.artifact, function=first.function
    )
    text = shown(client_for(second_developer), f"/intakes/{theirs.pk}/")
    assert f"first brought in by {developer.name}" in text
    assert "like you" in text


def test_a_wrong_password_is_answered_in_our_words(db: None) -> None:
    answer = Client().post("/accounts/login/", {"login": "nobody", "password": "wrong"})
    assert "username or the password is wrong" in answer.content.decode()


def test_in_flight_names_who_asked(
    client_for: ClientFor, developer: User, second_developer: User
) -> None:
    a_release(requested_by=second_developer)
    moving = shown(client_for(developer), "/").split('id="moving"')[1]
    assert f"by {second_developer.name}" in moving.split("</section>")[0]
    moving = shown(client_for(second_developer), "/").split('id="moving"')[1]
    assert ">yours<" in moving.split("</section>")[0]


def test_reading_again_leads_back_to_the_release(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = a_release()
    monkeypatch.setattr("releases.views.functions.refresh_function", lambda *_, **__: [])
    address = f"/functions/{release.function_id}/refresh/"
    assert browser.post(address, {"release": release.pk})["Location"] == f"/releases/{release.pk}/"
    other = browser.post(address, {"release": "9999"})["Location"]
    assert other == f"/functions/{release.function_id}/"
