"""What every answer tells browsers and caches: nothing inline, nothing framed, nothing shared."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import get_resolver

from accounts.models import User
from config.headers import ALWAYS, plain
from tests.test_attempts import ARGUMENT, SOME, routes

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
POLICY = (
    "base-uri 'none'; connect-src 'self'; default-src 'none'; font-src 'self'; form-action 'self';"
    " frame-ancestors 'none'; img-src 'self'; {scripts}; style-src 'self'"
)
NONCE = re.compile(r"script-src 'nonce-([A-Za-z0-9+/]{22}==)'")


def is_hardened(answer: HttpResponseBase) -> bool:
    """A page says by which nonce its scripts are told; what is none runs none."""
    nonce = NONCE.search(answer.headers["Content-Security-Policy"])
    return has(answer, scripts=nonce[0] if nonce else "script-src")


def has(answer: HttpResponseBase, scripts: str) -> bool:
    policy = "; ".join(sorted(answer.headers["Content-Security-Policy"].split("; ")))
    same = policy == POLICY.format(scripts=scripts)
    return same and all(answer.headers[name] == ALWAYS[name] for name in ALWAYS)


def scripts(page: bytes) -> list[dict[str, str | None]]:
    found: list[dict[str, str | None]] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: (  # type: ignore[method-assign]
        found.append(dict(attrs)) if tag == "script" else None
    )
    parser.feed(page.decode())
    return found


def is_kept_apart(answer: HttpResponseBase) -> bool:
    """No cache between keeps it, and a browser's own tells pages from parts."""
    kept = answer.headers["Cache-Control"]
    varies = {name.strip() for name in answer.headers["Vary"].split(",")}
    return "private" in kept and {"Cookie", "HX-Request", "HX-Target"} <= varies


def test_every_address_is_hardened_and_kept_apart(client_for: ClientFor, admin: User) -> None:
    client = client_for(admin)
    for _, route in routes(get_resolver()):
        path = "/" + ARGUMENT.sub(lambda found: SOME[found[1]], route)
        answer = client.get(path)
        # Django's own pages, which an administrator alone sees, name their scripts by no nonce.
        admins = path.startswith("/support/") and answer.status_code < 400
        hardened = has(answer, "script-src 'self'") if admins else is_hardened(answer)
        assert hardened and is_kept_apart(answer), path


def test_only_scripts_that_the_page_itself_named_run(client_for: ClientFor, viewer: User) -> None:
    seen = set()
    for client, path in ((client_for(viewer), "/"), (Client(), "/accounts/login/")):
        for _ in range(2):
            answer = client.get(path)
            nonce = NONCE.search(answer.headers["Content-Security-Policy"])
            named = scripts(answer.content)
            assert nonce and len(named) > 3
            assert {each["nonce"] for each in named} == {nonce[1]} and all(
                "src" in n for n in named
            )
            seen.add(nonce[1])
    assert len(seen) == 4


def test_every_script_of_every_template_is_named() -> None:
    for template in Path("templates").rglob("*.html"):
        for tag in re.findall(r"<script[^>]*>", template.read_text()):
            assert 'nonce="{{ csp_nonce }}"' in tag, template


def test_every_address_is_hardened_where_it_refuses(client_for: ClientFor, viewer: User) -> None:
    client = client_for(viewer)
    for _, route in routes(get_resolver()):
        path = "/" + ARGUMENT.sub(lambda found: SOME[found[1]], route)
        if path != "/accounts/logout/":
            answer = client.post(path)
            assert is_hardened(answer) and is_kept_apart(answer), path


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/nothing/here/", {}, 404),
        ("/?x=%00", {}, 400),
        ("/", {"Host": "evil.example"}, 400),
        ("/static/css/tokens.css", {}, 200),
        ("/static/nothing.css", {}, 404),
    ],
)
def test_errors_and_files_are_hardened(
    client_for: ClientFor, viewer: User, path: str, headers: dict[str, str], status: int
) -> None:
    answer = client_for(viewer).get(path, headers=headers)
    assert answer.status_code == status
    assert is_hardened(answer)
    assert "Access-Control-Allow-Origin" not in answer.headers
    answer.close()


def test_a_form_without_its_token_is_refused_hardened(viewer: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(viewer, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post("/accounts/logout/", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert is_hardened(answer) and is_kept_apart(answer)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_stranger_gets_no_more(headers: dict[str, str]) -> None:
    answer = Client().get("/releases/", headers=headers)
    assert answer.status_code == 302
    assert is_hardened(answer) and is_kept_apart(answer)


def test_our_own_mistakes_are_hardened_and_say_nothing(
    client_for: ClientFor, viewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Any) -> None:
        raise RuntimeError("s3cret-detail")

    monkeypatch.setattr("releases.context.Shell.environments", property(broken))
    client = client_for(viewer)
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 500
    assert is_hardened(answer) and is_kept_apart(answer)
    assert b"s3cret-detail" not in answer.content and b"Traceback" not in answer.content


def test_over_tls_browsers_are_told_to_stay_there(
    client_for: ClientFor, viewer: User, settings: Any
) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    answer = client_for(viewer).get("/", secure=True)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_signing_out_has_the_browser_forget_its_pages(client_for: ClientFor, viewer: User) -> None:
    client = client_for(viewer)
    assert "Clear-Site-Data" not in client.get("/").headers
    assert client.post("/accounts/logout/").headers["Clear-Site-Data"] == '"cache"'


def test_what_is_no_page_may_load_nothing(settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    told = {name.decode(): value.decode() for name, value in plain()}
    assert told["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert told["content-security-policy"].startswith("default-src 'none'")
    assert told["cache-control"] == "no-store"
    assert {name.lower() for name in ALWAYS} < told.keys()
