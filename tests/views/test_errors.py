"""Error pages: a clear sentence and a way on, for pages and for htmx."""

from collections.abc import Callable

import pytest
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import resolve

from accounts.models import User
from releases.errors import NotAllowed, Refused, StaleRelease
from releases.views.errors import RefusalMiddleware

ClientFor = Callable[[User], Client]


def answer_to(refusal: Exception, person: User, **headers: str) -> HttpResponse | None:
    request: HttpRequest = RequestFactory().post("/releases/7/approve/", headers=headers)
    request.user = person
    request.resolver_match = resolve(request.path)
    middleware = RefusalMiddleware(lambda request: HttpResponse())
    return middleware.process_exception(request, refusal)


@pytest.mark.parametrize(
    ("refusal", "status"),
    [(NotAllowed("You requested this."), 403), (StaleRelease("Alice approved this."), 409)],
)
def test_a_refusal_is_a_page_with_its_reason(viewer: User, refusal: Refused, status: int) -> None:
    response = answer_to(refusal, viewer)
    assert response is not None
    assert response.status_code == status
    assert str(refusal) in response.content.decode()
    assert 'href="/releases/7/"' in response.content.decode()


def test_htmx_gets_a_notice_for_the_messages(viewer: User) -> None:
    response = answer_to(StaleRelease("Alice approved this."), viewer, HX_Request="true")
    assert response is not None
    assert response["HX-Retarget"] == "#messages"
    assert "<html" not in response.content.decode()


def test_other_errors_are_not_swallowed(viewer: User) -> None:
    assert answer_to(ValueError("a bug"), viewer) is None


def test_an_unknown_address_offers_a_search(client_for: ClientFor, viewer: User) -> None:
    response = client_for(viewer).get("/nothing/here/")
    assert response.status_code == 404
    assert 'name="q"' in response.content.decode()


def test_an_address_that_a_button_sends_to_says_so_to_whoever_is_led_there(
    client_for: ClientFor, viewer: User
) -> None:
    response = client_for(viewer).get("/releases/1/approve/")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert "nothing was done" in response.content.decode()


@pytest.mark.parametrize("name", ["400.html", "500.html", "403_csrf.html"])
def test_pages_for_broken_requests_need_no_context(name: str) -> None:
    page = render_to_string(name)
    assert "Dashboard" in page
    assert "Traceback" not in page


def test_a_stale_form_gets_its_own_page(viewer: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(viewer, backend="allauth.account.auth_backends.AuthenticationBackend")
    response = client.post("/accounts/logout/")
    assert response.status_code == 403
    assert "This form is too old" in response.content.decode()
