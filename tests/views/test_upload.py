"""The streamed upload of a package."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from releases.models import Function, Intake
from tests.factories import FunctionFactory
from tests.world import package

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


@pytest.fixture
def function() -> Function:
    return FunctionFactory.create()


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads the body fails the test."""

    def read(*_: Any, **__: Any) -> None:
        raise AssertionError("the body was read")

    monkeypatch.setattr("releases.actions.receive_upload.receive", read)


def put(client: Client, function: object, body: bytes, name: str = "checkout.zip") -> Any:
    address = f"/intakes/upload/?function={function}&name={name}"
    return client.put(address, body, content_type="application/octet-stream")


def test_an_upload_becomes_an_intake(
    client_for: ClientFor, developer: User, function: Function
) -> None:
    response = put(client_for(developer), function.pk, package("one"))
    intake = Intake.objects.get()
    assert response.status_code == 201
    assert response.json() == {"intake": str(intake.pk), "url": f"/intakes/{intake.pk}/"}
    assert (intake.person, intake.label, intake.size) == (
        developer,
        "checkout.zip",
        len(package("one")),
    )


def test_a_viewer_is_refused_before_the_body_is_read(
    client_for: ClientFor, viewer: User, function: Function, unread: None
) -> None:
    response = put(client_for(viewer), function.pk, b"x")
    assert response.status_code == 403
    assert "request releases" in response.json()["problem"]
    assert response.json()["advice"]


@pytest.mark.parametrize("number", ["", "0", "9042", "x", "9" * 40])
def test_an_unknown_function_is_refused_before_the_body_is_read(
    client_for: ClientFor, developer: User, unread: None, number: str
) -> None:
    assert put(client_for(developer), number, b"x").status_code == 404


def test_a_stranger_has_to_sign_in(client: Client, function: Function, unread: None) -> None:
    answer = put(client, function.pk, b"x")
    assert (answer.status_code, answer.json()["problem"]) == (401, "You are signed out.")


def test_a_request_without_the_token_is_refused(
    developer: User, function: Function, unread: None
) -> None:
    client = Client(enforce_csrf_checks=True)
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    client.force_login(developer, backend=backend)
    assert put(client, function.pk, b"x").status_code == 403


def test_an_empty_upload_says_so(
    client_for: ClientFor, developer: User, function: Function
) -> None:
    response = put(client_for(developer), function.pk, b"")
    assert response.status_code == 422
    assert "empty" in response.json()["problem"]
    assert not Intake.objects.exists()


def test_an_image_function_takes_no_zip(client_for: ClientFor, developer: User) -> None:
    function = FunctionFactory.create(package_type="Image")
    response = put(client_for(developer), function.pk, package("one"))
    assert response.status_code == 422
    assert "cannot upload a zip" in response.json()["problem"]


def test_only_put_uploads(client_for: ClientFor, developer: User) -> None:
    assert client_for(developer).post("/intakes/upload/").status_code == 405
