"""Losing every group at the provider: nothing is left, and nobody gets more by it than they had."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from accounts.models import Role, User
from releases.models import AuditEvent, Grant, role_for
from releases.states import ReleaseState
from tests.factories import FunctionFactory, UserFactory
from tests.oidc.conftest import SignIn
from tests.scopes import give, within
from tests.signing_in import signed_in
from tests.views.scenes import a_release, approved_by

pytestmark = pytest.mark.django_db


def sentences(*actions: str) -> list[str]:
    found = AuditEvent.objects.filter(action__in=actions).order_by("pk")
    return [each.sentence for each in found]


def known_as(subject: str, person: User, settings: Any) -> User:
    SocialAccount.objects.create(provider=settings.SLUICE_OIDC_ISSUER, uid=subject, user=person)
    return person


def test_whoever_lost_all_groups_has_no_role_and_is_out_everywhere(
    client: Client, sign_in: SignIn
) -> None:
    ines = {"preferred_username": "ines", "name": "Ines Vidal"}
    sign_in("lost-1", **ines, groups=["cn=managers,dc=acme"])
    other = Client()
    answer = sign_in("lost-1", other, **ines, groups=[])
    assert answer.status_code == 403
    assert User.objects.get().role == Role.NONE
    assert client.get("/").status_code == other.get("/").status_code == 302
    assert sentences("person.role_taken") == [
        "ines is without a role now by their groups at Acme ID, and was release manager before"
    ]


def test_somebody_with_roles_for_a_part_sees_no_more_than_before(
    configured: Any, sign_in: SignIn
) -> None:
    hidden = FunctionFactory.create(name="secret-api")
    zed = known_as("lost-2", within(FunctionFactory.create(), Role.DEVELOPER), configured)
    assert signed_in(zed).get(f"/functions/{hidden.pk}/").status_code == 404
    assert sign_in("lost-2", groups=[], preferred_username="zed").status_code == 403
    zed.refresh_from_db()
    assert signed_in(zed).get(f"/functions/{hidden.pk}/").status_code == 404


def test_roles_that_were_given_by_hand_are_lost_too_each_with_its_row(
    configured: Any, sign_in: SignIn
) -> None:
    function = FunctionFactory.create(name="pay-api")
    zed = UserFactory.create(username="zed", role=Role.RELEASE_MANAGER)
    known_as("lost-3", give(zed, Role.RELEASE_MANAGER, team="shop"), configured)
    give(zed, Role.RELEASE_MANAGER, pattern="pay-*")
    sign_in("lost-3", groups=[], preferred_username="zed")
    assert role_for(User.objects.get(username="zed"), function) == Role.NONE
    assert not Grant.objects.exists()
    assert sentences("person.grant_lost") == [
        f"zed lost the role release manager for {scope}: no group of theirs at Acme ID has a role"
        for scope in ("functions called pay-*", "the team shop")
    ]


def test_what_they_approved_is_looked_at_anew(
    configured: Any, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[int] = []
    monkeypatch.setattr("releases.queues.enqueue_release", looked_at.append)
    release = a_release(ReleaseState.AWAITING_APPROVAL)
    zed = known_as("lost-4", within(release.function, Role.RELEASE_MANAGER), configured)
    approved_by(release, zed)
    sign_in("lost-4", groups=[], preferred_username="zed")
    assert looked_at == [release.pk]
