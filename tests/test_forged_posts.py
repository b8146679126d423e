"""What another site has a browser send is refused at every address, and changes nothing."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.attempt_scene import Scene
from tests.attempts import ADDRESSES
from tests.crawl import body_of
from tests.test_attempts import events, rows, send
from tests.undrawn import undrawn

pytestmark = pytest.mark.django_db
# What takes a sign-in; whoever has none has nothing that another site could use.
SCENES = sorted(name for name, address in ADDRESSES.items() if address.by != "nobody")


def test_a_post_without_the_token_of_its_form_leaves_a_row_and_nothing_else() -> None:
    scene = Scene()
    for name in SCENES:
        address = ADDRESSES[name]
        attempt = address.make(scene)
        client = Client(enforce_csrf_checks=True, headers={"Origin": "https://evil.example"})
        client.force_login(
            scene.people[address.by], backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        # The first page of a session is written down, and is not what this is about.
        with undrawn():
            client.get("/who-may/")
        before, told = rows(), events()
        answer = send(client, name, address, attempt)
        assert answer.status_code == 403, name
        assert "This form is too old" in body_of(answer).decode(), name
        assert (rows(), events()) == (before, [*told, "person.refused"]), name


def test_signing_in_for_somebody_else_is_refused() -> None:
    address = ADDRESSES["account_login"]
    attempt = address.make(Scene())
    client = Client(enforce_csrf_checks=True, headers={"Origin": "https://evil.example"})
    assert send(client, "account_login", address, attempt).status_code == 403
    assert "sessionid" not in client.cookies
