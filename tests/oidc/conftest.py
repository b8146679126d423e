"""The provider, Sluice told of it, and people who sign in there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from tests.oidc.running import Answers, Provider, answering, running_provider

SignIn = Callable[..., HttpResponse]


@pytest.fixture(scope="session")
def provider() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture(scope="session")
def answering_server() -> Iterator[Answers]:
    # Half a second goes by until such a server has stopped: once, not after each test.
    with answering() as answers:
        yield answers


@pytest.fixture
def answers(answering_server: Answers) -> Answers:
    answering_server.clear()
    return answering_server


@pytest.fixture
def configured(provider: Provider, settings: Any, db: None) -> Any:
    """Settings of a Sluice that has this provider, with two groups that lead to a role."""
    settings.SLUICE_OIDC_ISSUER = provider.issuer
    settings.SLUICE_OIDC_CLIENT_ID = "sluice"
    settings.SLUICE_OIDC_CLIENT_SECRET = "planted-client-secret"
    settings.SLUICE_OIDC_NAME = "Acme ID"
    settings.SLUICE_OIDC_GROUP_ROLES = "cn=managers,dc=acme=release_manager; admins=administrator"
    cache.clear()
    return settings


@pytest.fixture
def begin(client: Client, configured: Any) -> Callable[..., str]:
    """The address at the provider that the button leads to."""

    def begin(path: str = "/accounts/oidc/", browser: Client = client) -> str:
        response = browser.get(path)
        assert response.status_code == 302, response.content.decode()
        return str(response.headers["Location"])

    return begin


@pytest.fixture
def sign_in(client: Client, provider: Provider, begin: Callable[..., str]) -> SignIn:
    """The whole way: to the provider as `subject`, and what Sluice answers to who comes back."""

    def sign_in(subject: str, browser: Client = client, **claims: Any) -> HttpResponse:
        if claims:
            provider.knows(subject, **claims)
        return back(browser, provider.sends_back(begin(browser=browser), sub=subject))

    return sign_in


def back(browser: Client, address: str) -> HttpResponse:
    """What Sluice answers at the address to which the provider sent a browser."""
    url = urlsplit(address)
    assert url.netloc == "testserver", address
    answer = browser.get(f"{url.path}?{url.query}")
    assert isinstance(answer, HttpResponse)
    return answer
