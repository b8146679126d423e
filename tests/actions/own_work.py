"""The ways in which somebody could try to approve what they had a part in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from releases.models import Release
from releases.states import ReleaseState
from tests.actions.promotions import brought_in, pair
from tests.factories import IntakeFactory, with_round
from tests.views.scenes import a_release, post


@dataclass
class Own:
    """A release that two managers and security have to approve, and somebody who made it."""

    person: User
    browser: Client
    release: Release

    def approve(self, **data: str) -> HttpResponse:
        self.release.refresh_from_db()
        return post(self.browser, self.release, "approve", **data)

    def become(self, role: Role) -> None:
        User.objects.filter(pk=self.person.pk).update(role=role)

    def requested(self) -> None:
        Release.objects.filter(pk=self.release.pk).update(requested_by=self.person)

    def back_at_the_gate(self) -> None:
        """What the worker does after a conflict was resolved: a new round waits."""
        release = Release.objects.get(pk=self.release.pk)
        assert release.state == ReleaseState.QUEUED
        release.round_number += 1
        release.state = ReleaseState.AWAITING_APPROVAL
        release.save(update_fields=["round_number", "state"])
        with_round(release)

    def in_conflict(self) -> None:
        Release.objects.filter(pk=self.release.pk).update(state=ReleaseState.CONFLICT)
        self.release.refresh_from_db()


def from_the_page(mine: Own) -> HttpResponse:
    """The button is greyed; what it would have sent is sent all the same."""
    mine.requested()
    page = mine.browser.get(f"/releases/{mine.release.pk}/").content.decode()
    assert "You requested this release" in page
    assert 'data-dialog="approve-dialog"' not in page
    return mine.approve()


def by_a_form_of_ones_own(mine: Own) -> HttpResponse:
    mine.requested()
    return mine.approve(seen="", note="Looks fine to me.")


def by_htmx(mine: Own) -> HttpResponse:
    mine.requested()
    round_ = mine.release.current_round
    assert round_ is not None
    sent = {"fingerprint": round_.fingerprint}
    address = f"/releases/{mine.release.pk}/approve/"
    answer = mine.browser.post(address, sent, headers={"HX-Request": "true"})
    assert isinstance(answer, HttpResponse)
    return answer


def in_a_second_role(mine: Own) -> HttpResponse:
    """Requested as a developer, approved as a manager."""
    mine.become(Role.DEVELOPER)
    mine.requested()
    mine.become(Role.RELEASE_MANAGER)
    return mine.approve()


def in_a_third_role(mine: Own) -> HttpResponse:
    mine.requested()
    mine.become(Role.SECURITY)
    return mine.approve()


def as_administrator(mine: Own) -> HttpResponse:
    mine.requested()
    mine.become(Role.ADMINISTRATOR)
    return mine.approve()


def with_a_package_that_somebody_else_requests(mine: Own) -> HttpResponse:
    IntakeFactory.create(
        artifact=mine.release.artifact, person=mine.person, function=mine.release.function
    )
    return mine.approve()


def with_bytes_once_brought_in_for_another_function(mine: Own) -> HttpResponse:
    IntakeFactory.create(artifact=mine.release.artifact, person=mine.person)
    return mine.approve()


def with_latest_as_it_stands_holding_ones_own_bytes(mine: Own) -> HttpResponse:
    IntakeFactory.create(artifact=mine.release.artifact, person=mine.person)
    Release.objects.filter(pk=mine.release.pk).update(artifact=None)
    return mine.approve()


def edited_then_approved(mine: Own) -> HttpResponse:
    """Whatever edits a release leaves this row behind."""
    mine.release.authorships.create(person=mine.person, because="edited this release")
    return mine.approve()


def staged_again_then_approved(mine: Own) -> HttpResponse:
    mine.in_conflict()
    assert post(mine.browser, mine.release, "stage-again").status_code == 302
    mine.back_at_the_gate()
    return mine.approve()


def requested_and_staged_again_then_approved(mine: Own) -> HttpResponse:
    mine.requested()
    return staged_again_then_approved(mine)


def adopted_then_approved(mine: Own) -> HttpResponse:
    mine.in_conflict()
    assert post(mine.browser, mine.release, "adopt").status_code == 302
    mine.back_at_the_gate()
    return mine.approve()


def staged_again_then_approved_by_the_fingerprint_of_before(mine: Own) -> HttpResponse:
    round_ = mine.release.current_round
    assert round_ is not None
    before = round_.fingerprint
    mine.in_conflict()
    post(mine.browser, mine.release, "stage-again")
    mine.back_at_the_gate()
    return mine.approve(fingerprint=before)


def as_administrator_who_takes_the_role(mine: Own) -> HttpResponse:
    mine.requested()
    mine.become(Role.ADMINISTRATOR)
    mine.become(Role.RELEASE_MANAGER)
    return mine.approve()


def deactivated_and_active_again(mine: Own) -> HttpResponse:
    mine.requested()
    for is_active in (False, True):
        User.objects.filter(pk=mine.person.pk).update(is_active=is_active)
    return mine.approve()


def with_bytes_that_a_second_account_brings_in_again(mine: Own) -> HttpResponse:
    """The second account requests them; the first one brought them in all the same."""
    release = mine.release
    for person in (mine.person, release.requested_by):
        IntakeFactory.create(artifact=release.artifact, person=person, function=release.function)
    return mine.approve()


def in_the_place_of_an_older_release(mine: Own) -> HttpResponse:
    older, function = mine.release, mine.release.function
    newer = a_release(ReleaseState.QUEUED, function=function, requested_by=mine.person)
    sent = {"older": str(older.pk), f"seen_{older.pk}": older.state}
    assert post(mine.browser, newer, "supersede", **sent).status_code == 302
    Release.objects.filter(pk=older.pk).update(state=ReleaseState.WITHDRAWING)
    Release.objects.filter(pk=older.pk).update(state=ReleaseState.CANCELLED)
    Release.objects.filter(pk=newer.pk).update(state=ReleaseState.AWAITING_APPROVAL)
    mine.release = newer
    return mine.approve()


def after_a_retry(mine: Own) -> HttpResponse:
    mine.requested()
    Release.objects.filter(pk=mine.release.pk).update(state=ReleaseState.APPROVED)
    Release.objects.filter(pk=mine.release.pk).update(state=ReleaseState.STAGING)
    Release.objects.filter(pk=mine.release.pk).update(state=ReleaseState.FAILED)
    mine.release.refresh_from_db()
    assert post(mine.browser, mine.release, "retry").status_code == 302
    mine.back_at_the_gate()
    return mine.approve()


def after_choosing_another_time(mine: Own) -> HttpResponse:
    mine.requested()
    tomorrow = f"{timezone.now() + timedelta(days=1):%Y-%m-%dT%H:%M}"
    typed = {"not_before_local": tomorrow, "seen_not_before": ""}
    assert post(mine.browser, mine.release, "reschedule", **typed).status_code == 302
    return mine.approve()


def promoted_then_approved(mine: Own) -> HttpResponse:
    source, target = pair()
    sent = {"to": str(target.pk)}
    assert mine.browser.post(f"/releases/{source.pk}/promote/", sent).status_code == 302
    made = target.releases.get()
    Release.objects.filter(pk=made.pk).update(state=ReleaseState.AWAITING_APPROVAL)
    mine.release = with_round(made)
    return mine.approve()


def with_bytes_brought_in_where_they_were_promoted_from(mine: Own) -> HttpResponse:
    source, target = pair()
    brought_in(source, mine.person)
    mine.release = a_release(function=target, artifact=source.artifact, promoted_from=source)
    return mine.approve()


WAYS: list[Callable[[Own], HttpResponse]] = [
    from_the_page,
    by_a_form_of_ones_own,
    by_htmx,
    in_a_second_role,
    in_a_third_role,
    as_administrator,
    with_a_package_that_somebody_else_requests,
    with_bytes_once_brought_in_for_another_function,
    with_latest_as_it_stands_holding_ones_own_bytes,
    edited_then_approved,
    staged_again_then_approved,
    requested_and_staged_again_then_approved,
    adopted_then_approved,
    staged_again_then_approved_by_the_fingerprint_of_before,
    as_administrator_who_takes_the_role,
    deactivated_and_active_again,
    with_bytes_that_a_second_account_brings_in_again,
    in_the_place_of_an_older_release,
    after_a_retry,
    after_choosing_another_time,
    promoted_then_approved,
    with_bytes_brought_in_where_they_were_promoted_from,
]
