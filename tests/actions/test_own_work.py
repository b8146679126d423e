"""Every way to approve one's own work ends at a 403, and in the history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import Role, User
from releases.models import AuditEvent, Decision, Function, PolicyChange, Release
from releases.rules import Rules
from releases.states import ReleaseState
from tests.actions.policies import proposed
from tests.actions.promotions import brought_in, pair
from tests.factories import FunctionFactory, IntakeFactory, own, with_round
from tests.views.scenes import a_release, post, state_of

pytestmark = pytest.mark.django_db


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
    promoted_then_approved,
    with_bytes_brought_in_where_they_were_promoted_from,
]


@pytest.fixture
def mine(manager: User, client_for: Callable[[User], Client]) -> Own:
    release = a_release(function=FunctionFactory.create(**own(2, 1)))
    return Own(manager, client_for(manager), release)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_ones_own_work_is_never_approved(mine: Own, way: Callable[[Own], HttpResponse]) -> None:
    assert way(mine).status_code == 403
    event = AuditEvent.objects.get(action="release.refused")
    assert (event.actor_id, event.release_id) == (mine.person.pk, mine.release.pk)
    assert event.data["verb"] == "approve"
    assert not Decision.objects.exists()
    assert state_of(mine.release) == ReleaseState.AWAITING_APPROVAL


def test_an_approval_given_before_one_became_an_author_counts_no_more(
    mine: Own, second_manager: User, security: User, client_for: Callable[[User], Client]
) -> None:
    assert mine.approve().status_code == 302
    IntakeFactory.create(artifact=mine.release.artifact, person=mine.person)
    for person in (second_manager, security):
        post(client_for(person), mine.release, "approve")
    assert Decision.objects.count() == 3
    assert state_of(mine.release) == ReleaseState.AWAITING_APPROVAL


def test_one_person_does_not_fill_two_rules(
    mine: Own, second_manager: User, client_for: Callable[[User], Client]
) -> None:
    """Approved as a manager, moved to security, approved again: that is one approval."""
    assert mine.approve().status_code == 302
    mine.become(Role.SECURITY)
    assert mine.approve().status_code == 302
    post(client_for(second_manager), mine.release, "approve")
    assert Decision.objects.filter(withdrawn_at=None).count() == 2
    assert state_of(mine.release) == ReleaseState.AWAITING_APPROVAL


def looser(admin: User) -> PolicyChange:
    function = FunctionFactory.create(**own(2))
    return proposed(function, Rules(1), admin)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.RELEASE_MANAGER, Role.SECURITY])
def test_the_gate_is_not_opened_by_ones_own_policy(
    admin: User,
    manager: User,
    second_manager: User,
    client_for: Callable[[User], Client],
    role: Role,
) -> None:
    change = looser(admin)
    browser = client_for(admin)
    User.objects.filter(pk=admin.pk).update(role=role)
    assert browser.post(f"/policy-changes/{change.pk}/approve/").status_code == 403
    assert AuditEvent.objects.get(action="policy.refused").actor_id == admin.pk
    assert Function.objects.get().rules == Rules(2)


def test_a_manager_does_not_lower_the_gate_before_their_own_release(
    mine: Own, client_for: Callable[[User], Client]
) -> None:
    mine.requested()
    lower = {"source": "own", "managers": "1", "security": "0", "days": "7", "reason": "Hurry"}
    address = f"/functions/{mine.release.function_id}/policy/"
    assert mine.browser.post(address, lower).status_code == 403
    assert AuditEvent.objects.get(action="policy.refused").actor_id == mine.person.pk
    assert Function.objects.get().rules == Rules(2, 1)
