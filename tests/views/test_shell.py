"""The shell of every page: navigation, environments, who is signed in, strict CSP."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import EnvironmentFactory, FunctionFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
PAGES = ["/", "/releases/", "/functions/", "/functions/add/", "/audit/", "/environments/"]


@pytest.mark.parametrize("address", PAGES)
def test_nothing_is_inline(client_for: ClientFor, admin: User, address: str) -> None:
    FunctionFactory.create()
    response = client_for(admin).get(address)
    page = response.content.decode()
    assert "unsafe-inline" not in response.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", page)


def test_the_sandbox_is_named_on_every_page(
    client_for: ClientFor, viewer: User, settings: Any
) -> None:
    settings.SLUICE_AWS_ENDPOINT = "http://127.0.0.1:5000"
    page = client_for(viewer).get("/").content.decode()
    assert "AWS calls go to the sandbox at <code>http://127.0.0.1:5000</code>" in page


def test_without_a_sandbox_nothing_is_said(
    client_for: ClientFor, viewer: User, settings: Any
) -> None:
    settings.SLUICE_AWS_ENDPOINT = ""
    assert "sandbox at" not in client_for(viewer).get("/").content.decode()


def test_only_administrators_see_environments_in_the_navigation(
    client_for: ClientFor, viewer: User, admin: User
) -> None:
    assert 'data-go="e"' not in client_for(viewer).get("/").content.decode()
    assert 'data-go="e"' in client_for(admin).get("/").content.decode()


def test_the_chosen_environment_goes_along(client_for: ClientFor, viewer: User) -> None:
    EnvironmentFactory.create(name="staging")
    page = client_for(viewer).get("/releases/?env=staging").content.decode()
    assert 'href="/functions/?env=staging"' in page


def test_the_person_menu_names_person_and_role(client_for: ClientFor, viewer: User) -> None:
    page = client_for(viewer).get("/").content.decode()
    assert f"<b>{viewer.name}</b>" in page
    assert "Viewer" in page


def test_signing_in_leads_back(client: Client, viewer: User) -> None:
    viewer.set_password("correct horse")
    viewer.save()
    page = client.get("/accounts/login/?next=/audit/").content.decode()
    assert 'value="/audit/"' in page
    values = {"login": viewer.username, "password": "correct horse", "next": "/audit/"}
    assert client.post("/accounts/login/", values).headers["Location"] == "/audit/"


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(client: Client) -> None:
    page = {"Referer": "http://testserver/releases/1001/?calls=all"}
    away = client.post("/releases/1001/approve/", headers=page)
    assert away.headers["Location"] == "/accounts/login/?next=/releases/1001/%3Fcalls%3Dall"
    assert "so nothing was done" in client.get(away.headers["Location"]).content.decode()


@pytest.mark.parametrize("referer", ["https://elsewhere.example.com/x", ""])
def test_nobody_is_led_elsewhere(client: Client, referer: str) -> None:
    away = client.post("/releases/1001/approve/", headers={"Referer": referer})
    assert away.headers["Location"] == "/accounts/login/?next=/"


def test_a_wrong_password_is_said_without_naming_which(client: Client, viewer: User) -> None:
    values = {"login": viewer.username, "password": "wrong"}
    page = client.post("/accounts/login/", values).content.decode()
    assert 'role="alert"' in page


def test_signing_out_is_a_post(client_for: ClientFor, viewer: User) -> None:
    client = client_for(viewer)
    assert "Sign out of Sluice?" in client.get("/accounts/logout/").content.decode()
    client.post("/accounts/logout/")
    assert client.get("/").status_code == 302
