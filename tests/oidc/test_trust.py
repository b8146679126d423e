"""What a provider is not believed, and where nothing is fetched from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from django.conf import settings as django_settings
from django.test import Client

from accounts.checks import identity_provider_is_configured
from accounts.oidc.http import LARGEST_ANSWER, Session, Untrusted, _may_talk_to
from accounts.oidc.provider import ENDPOINTS
from releases.models import AuditEvent
from sandbox.processes import free_port
from tests.oidc.conftest import back
from tests.oidc.running import Answers, Provider

WELL_KNOWN = "/.well-known/openid-configuration"


def told(client: Client) -> str:
    assert client.get("/accounts/oidc/").headers["Location"] == "/accounts/login/"
    return client.get("/accounts/login/").content.decode()


@pytest.fixture
def metadata(answers: Answers, configured: Any, provider: Provider) -> dict[str, Any]:
    """Of a provider that calls itself rightly, and whose endpoints are those of the real one."""
    configured.SLUICE_OIDC_ISSUER = answers.address
    said = Session().get(provider.issuer + WELL_KNOWN).json() | {"issuer": answers.address}
    answers[WELL_KNOWN] = said
    return dict(said) and said


def test_a_provider_that_is_down_leaves_the_other_ways(client: Client, configured: Any) -> None:
    configured.SLUICE_OIDC_ISSUER = f"http://127.0.0.1:{free_port()}"
    page = told(client)
    assert "Acme ID does not answer as it should." in page
    assert 'name="password"' in page
    event = AuditEvent.objects.get()
    assert event.sentence.startswith("A sign-in by Acme ID came to nothing: Acme ID does not")


def test_another_issuer_is_not_believed(client: Client, configured: Any) -> None:
    configured.SLUICE_OIDC_ISSUER += "/"
    assert "It says that it is another issuer." in told(client)


def test_a_token_of_another_issuer_is_not_believed(
    client: Client, metadata: dict[str, Any], provider: Provider, begin: Callable[..., str]
) -> None:
    back(client, provider.sends_back(begin(), sub="trust-1"))
    assert "You could not be signed in by Acme ID." in (
        client.get("/accounts/login/").content.decode()
    )
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("name", ENDPOINTS)
@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("http://169.254.169.254/latest/meta-data/", "It names an address that is not https."),
        ("https://user@id.example/", "It names an address that is not https."),
        ("file:///etc/passwd", "It names an address that is not https."),
        (7, "It does not say where its"),
    ],
)
def test_metadata_leads_nowhere_else(
    client: Client, metadata: dict[str, Any], name: str, address: object, sentence: str
) -> None:
    metadata[name] = address
    assert sentence in told(client)


def test_metadata_that_is_none_is_refused(
    client: Client, metadata: dict[str, Any], answers: Answers
) -> None:
    answers[WELL_KNOWN] = ["issuer"]
    assert "It does not say where its endpoints are." in told(client)


def test_a_redirect_is_not_followed(answers: Answers) -> None:
    answers["/"] = "http://169.254.169.254/"
    with pytest.raises(Untrusted, match="It redirects"):
        Session().get(answers.address)


def test_an_endless_answer_is_not_read(answers: Answers) -> None:
    answers["/"] = ["x" * LARGEST_ANSWER]
    with pytest.raises(Untrusted, match="larger than a megabyte"):
        Session().get(answers.address)


def test_a_name_that_leads_to_a_private_address_is_not_talked_to(
    answers: Answers, settings: Any
) -> None:
    settings.SLUICE_OIDC_LOOPBACK = False
    with pytest.raises(Untrusted, match="is at a private address"):
        Session().get(answers.address.replace("http://127.0.0.1", "https://localhost"))
    with pytest.raises(Untrusted, match="not https"):
        Session().get(answers.address)


@pytest.mark.parametrize(
    ("peer", "may", "may_where_named"),
    [
        ("93.184.215.14", True, True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True, True),
        ("10.0.0.7", False, True),
        ("192.168.1.7", False, True),
        ("100.64.0.7", False, True),
        ("fd00::7", False, True),
        ("::ffff:10.0.0.7", False, True),
        ("169.254.169.254", False, False),
        ("fe80::1", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("127.0.0.1", False, False),
        ("::1", False, False),
        ("224.0.0.1", False, True),
    ],
)
def test_private_addresses_only_where_they_are_named(
    settings: Any, peer: str, may: bool, may_where_named: bool
) -> None:
    settings.SLUICE_OIDC_LOOPBACK = False
    assert _may_talk_to("id.example", peer) is may
    settings.SLUICE_OIDC_PRIVATE_HOSTS = ["id.example"]
    assert _may_talk_to("id.example", peer) is may_where_named
    assert _may_talk_to("other.example", peer) is may


def test_neither_proxies_nor_passwords_of_the_machine_are_used(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://169.254.169.254:1")
    monkeypatch.setenv("NO_PROXY", "")
    answers["/"] = {}
    assert Session().get(answers.address).json() == {}
    assert isinstance(Session(), requests.Session)


# --- settings

GOOD = {
    "SLUICE_OIDC_ISSUER": "https://id.example/realms/acme",
    "SLUICE_OIDC_CLIENT_ID": "sluice",
    "SLUICE_OIDC_CLIENT_SECRET": "planted-client-secret",
}


def checked(settings: Any, **values: Any) -> list[str]:
    for name, value in values.items():
        setattr(settings, name, value)
    return [str(problem.msg) for problem in identity_provider_is_configured(None)]


def test_nothing_set_is_right_and_so_is_all_of_it(settings: Any) -> None:
    assert checked(settings) == []
    roles = "CN=a,DC=b=auditor;c=administrator;"
    assert checked(settings, **GOOD, SLUICE_OIDC_GROUP_ROLES=roles, SLUICE_PASSWORDS=False) == []


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"SLUICE_OIDC_CLIENT_SECRET": ""}, "needs SLUICE_OIDC_CLIENT_SECRET, too."),
        ({"SLUICE_OIDC_ISSUER": "http://id.example"}, "must begin with https://"),
        ({"SLUICE_OIDC_ISSUER": "id.example"}, "must begin with https://"),
        ({"SLUICE_OIDC_ISSUER": "https://id.example/?a=b"}, "without ?, # and @"),
        ({"SLUICE_OIDC_ISSUER": f"https://id.example{WELL_KNOWN}"}, "is the issuer itself"),
        ({"SLUICE_OIDC_ISSUER": f"https://{'x' * 200}"}, "more than 200 characters"),
        ({"SLUICE_OIDC_SCOPES": ["profile"]}, "must have openid"),
        ({"SLUICE_OIDC_GROUP_ROLES": "admins=emperor"}, "has “admins=emperor”"),
        ({"SLUICE_OIDC_GROUP_ROLES": "guests=none"}, "roles are administrator, "),
        ({"SLUICE_OIDC_GROUP_ROLES": "viewer"}, "has “=viewer”"),
    ],
)
def test_what_is_wrong_is_said(settings: Any, values: dict[str, Any], sentence: str) -> None:
    (problem,) = checked(settings, **GOOD | values)
    assert sentence in problem and "planted" not in problem


def test_nobody_is_locked_out_by_settings(settings: Any) -> None:
    (problem,) = checked(settings, SLUICE_PASSWORDS=False)
    assert "nobody could sign in" in problem


def test_loopback_is_for_the_demo_and_the_tests_alone() -> None:
    assert django_settings.SLUICE_OIDC_LOOPBACK
    from config import settings as production

    assert not production.SLUICE_OIDC_LOOPBACK


@pytest.mark.django_db
def test_passwords_can_be_off(client: Client, configured: Any) -> None:
    configured.SLUICE_PASSWORDS = False
    assert 'name="password"' not in client.get("/accounts/login/").content.decode()
    response = client.post("/accounts/login/", {"login": "x", "password": "y"})
    assert "Passwords are off: sign in with Acme ID." in response.content.decode()
