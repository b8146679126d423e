"""Signing in with a real provider: who gets in, as whom, in which role, and who does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import Client

from accounts.models import Role, User
from releases.models import AuditEvent
from tests.factories import UserFactory
from tests.oidc.conftest import SignIn, back
from tests.oidc.running import Provider

pytestmark = pytest.mark.django_db
MANAGERS = "cn=managers,dc=acme"
INES = {"preferred_username": "ines", "name": "Ines Vidal", "email": "ines@acme.example",
        "groups": ["staff", MANAGERS]}  # fmt: skip


def sentences(*actions: str) -> list[str]:
    found = AuditEvent.objects.filter(action__in=actions).order_by("pk")
    return [each.sentence for each in found]


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def told(client: Client) -> str:
    """What the sign-in page says."""
    return client.get("/accounts/login/").content.decode()


def test_the_button_leads_to_the_provider_with_pkce_and_a_state(
    client: Client, begin: Callable[..., str], provider: Provider
) -> None:
    assert "Sign in with Acme ID" in told(client)
    url = urlsplit(begin())
    asked = parse_qs(url.query)
    assert f"{url.scheme}://{url.netloc}" == provider.issuer
    assert asked["code_challenge_method"] == ["S256"] and asked["code_challenge"][0]
    assert asked["redirect_uri"] == ["http://testserver/accounts/oidc/callback/"]
    assert set(asked["scope"][0].split()) == {"openid", "profile"} and asked["state"][0]
    assert "planted-client-secret" not in url.query


def test_somebody_new_of_a_group_with_a_role_joins(client: Client, sign_in: SignIn) -> None:
    response = sign_in("subject-1", **INES)
    assert response.headers["Location"] == "/" and signed_in(client)
    ines = User.objects.get()
    assert (ines.username, ines.name, ines.role) == ("ines", "Ines Vidal", Role.RELEASE_MANAGER)
    assert not ines.has_usable_password() and ines.email == ""
    assert sentences("person.admitted", "person.signed_in") == [
        "ines joined as release manager, by their groups at Acme ID",
        "Ines Vidal signed in",
    ]
    account = SocialAccount.objects.get()
    assert account.extra_data == {} and not SocialToken.objects.exists()


def test_one_is_led_to_the_page_that_was_asked_for_and_to_no_other_site(
    client: Client, begin: Callable[..., str], provider: Provider
) -> None:
    provider.knows("subject-2", **INES)
    for wanted, led in (("/audit/", "/audit/"), ("https://evil.example/", "/")):
        address = begin(f"/accounts/oidc/?next={wanted}")
        assert (
            back(client, provider.sends_back(address, sub="subject-2")).headers["Location"] == led
        )


def test_the_same_subject_is_the_same_person_whatever_they_are_called(
    client: Client, sign_in: SignIn
) -> None:
    sign_in("subject-3", **INES)
    sign_in("subject-3", Client(), **INES | {"preferred_username": "admin", "name": "Admin"})
    assert User.objects.count() == 1


def test_neither_a_name_nor_an_address_leads_to_an_account(client: Client, sign_in: SignIn) -> None:
    UserFactory.create(username="Ines", email="ines@acme.example", role=Role.ADMINISTRATOR)
    response = sign_in("subject-4", **INES)
    assert response.status_code == 403 and not signed_in(client)
    assert "There is somebody called ines already." in response.content.decode()
    assert not SocialAccount.objects.exists()


def test_without_a_group_that_has_a_role_nobody_joins(client: Client, sign_in: SignIn) -> None:
    response = sign_in("subject-5", **INES | {"groups": ["staff"]})
    page = response.content.decode()
    assert response.status_code == 403 and not signed_in(client)
    assert "None of your groups at Acme ID has a role in Sluice." in page
    assert not User.objects.exists()
    (sentence,) = sentences("person.not_admitted")
    assert sentence.startswith("ines, whom Acme ID named, was not let in: None of your groups")


@pytest.mark.parametrize("groups", [None, 7, {"admins": True}, [["admins"]], "staff"])
def test_groups_that_are_none_lead_nowhere(sign_in: SignIn, groups: Any) -> None:
    assert sign_in("subject-6", **INES | {"groups": groups}).status_code == 403


def test_the_highest_role_of_several_groups_counts(sign_in: SignIn) -> None:
    sign_in("subject-7", **INES | {"groups": [MANAGERS, "admins"]})
    assert User.objects.get().role == Role.ADMINISTRATOR


def test_other_groups_are_another_role_at_the_next_sign_in(sign_in: SignIn, admin: User) -> None:
    sign_in("subject-8", **INES | {"groups": ["admins"]})
    sign_in("subject-8", Client(), **INES)
    assert User.objects.get(username="ines").role == Role.RELEASE_MANAGER
    assert sentences("person.role_taken") == [
        "ines is release manager now by their groups at Acme ID, and was administrator before"
    ]


def test_the_last_administrator_stays_one_whatever_their_groups(
    client: Client, sign_in: SignIn
) -> None:
    sign_in("subject-10", **INES | {"groups": ["admins"]})
    sign_in("subject-10", Client(), **INES)
    assert User.objects.get().role == Role.ADMINISTRATOR
    (sentence,) = sentences("person.role_kept")
    assert "Ines Vidal is the last active administrator." in sentence


def test_a_deactivated_person_is_not_let_in(client: Client, sign_in: SignIn) -> None:
    sign_in("subject-11", **INES)
    User.objects.update(is_active=False)
    response = sign_in("subject-11", Client())
    assert response.status_code == 403
    assert "Your account is deactivated." in response.content.decode()
    assert len(sentences("person.not_admitted")) == 1


def test_a_state_works_once_and_in_its_own_browser(
    client: Client, begin: Callable[..., str], provider: Provider
) -> None:
    provider.knows("subject-12", **INES)
    address = provider.sends_back(begin(), sub="subject-12")
    thief = Client()
    assert back(thief, address).headers["Location"] == "/accounts/login/"
    assert "was begun in another browser" in told(thief) and not signed_in(thief)
    assert back(client, address).headers["Location"] == "/"
    client.post("/accounts/logout/")
    assert back(client, address).headers["Location"] == "/accounts/login/"
    assert "This sign-in is over already" in told(client) and not signed_in(client)


def test_whoever_changes_their_mind_is_told_that_nothing_happened(
    client: Client, begin: Callable[..., str], provider: Provider
) -> None:
    back(client, provider.sends_back(begin(), action="deny"))
    assert "says that you changed your mind" in told(client)


def test_a_code_that_the_provider_did_not_give_is_refused(
    client: Client, begin: Callable[..., str], provider: Provider
) -> None:
    state = parse_qs(urlsplit(begin()).query)["state"][0]
    client.get(f"/accounts/oidc/callback/?code=made-up&state={state}")
    assert "It did not accept the sign-in." in told(client) and not signed_in(client)


@pytest.mark.parametrize("subject", ["x" * 192])
def test_a_subject_that_cannot_be_kept_is_refused(
    client: Client, sign_in: SignIn, subject: str
) -> None:
    sign_in(subject, **INES)
    assert "Its answer names nobody." in told(client)


def test_a_name_that_could_mislead_is_replaced_by_the_username(sign_in: SignIn) -> None:
    sign_in("subject-13", **INES | {"name": "Sluice"})
    assert User.objects.get().name == "ines"


@pytest.mark.parametrize("is_theirs", [True, False])
def test_two_first_sign_ins_at_once_make_one_person(
    sign_in: SignIn, configured: Any, monkeypatch: pytest.MonkeyPatch, is_theirs: bool
) -> None:
    def faster(username: str) -> str:
        """Somebody joins just after it was asked whether anybody is called so."""
        monkeypatch.undo()
        other = UserFactory.create(username=username, role=Role.RELEASE_MANAGER)
        subject = "subject-14" if is_theirs else "subject-15"
        issuer = configured.SLUICE_OIDC_ISSUER
        SocialAccount.objects.create(provider=issuer, uid=subject, user=other)
        return username

    monkeypatch.setattr("releases.actions.admit.check_username", faster)
    answer = sign_in("subject-14", **INES)
    assert answer.status_code == (302 if is_theirs else 403)
    # Somebody else of this name is undone with the sign-in whose transaction made them here.
    assert User.objects.count() == SocialAccount.objects.count() == int(is_theirs)
    if not is_theirs:
        assert "There is somebody called ines already." in answer.content.decode()


def test_there_is_no_way_to_a_provider_that_is_not_set(client: Client) -> None:
    for path in ("", "callback/"):
        assert client.get(f"/accounts/oidc/{path}").status_code == 404
    assert "Sign in with" not in told(client)
