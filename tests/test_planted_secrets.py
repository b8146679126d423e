"""A whole run with planted secrets; afterwards none of them is anywhere it must not be."""

from __future__ import annotations

import base64
import io
import json
import logging
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from botocore.credentials import Credentials
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from config import logs
from releases.aws import client as aws_client
from releases.aws import downloads
from releases.models import AuditExport, Drift, Release
from releases.pipeline import engine, intake
from releases.pipeline import export as exporting
from releases.pipeline.compare import compare
from sandbox.processes import free_port
from tests.actions.drifts import change_environment, found
from tests.crawl import body_of, pages, redis, tables
from tests.sealing import seal_all
from tests.signing_in import SECRET
from tests.views.scenes import fingerprint_of
from tests.world import World, package

PLANTED = {
    "an environment value": "pl4nted-environment-value",
    "a changed environment value": "pl4nted-changed-environment-value",
    "an access key": "AKIAPL4NTEDPL4NTED01",
    "a secret access key": "pl4nted/aws+secret/access-key",
    "a session token": "pl4nted-aws-session-token==",
    "a password": "pl4nted long password",
    "a mistyped password": "pl4nted mistyped password",
    "the digest key": "pl4nted-digest-key-0123456789abcdef",
    "the audit key": "pl4nted-audit-key-0123456789abcdefghij",
    "the factor key": "pl4nted-factor-key-0123456789abcdefg",
    "the client secret": "pl4nted-client-secret-0123456789abc",
}
# Django looks a session up by its key, and the list of one's sessions ends each by it.
SESSION_TABLES = {"django_session", "usersessions_usersession"}


class Browser:
    """A person who signs in by hand, with the token of every form checked."""

    def __init__(self, name: str) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.client.get(reverse("account_login"))
        entered = {"login": name, "password": PLANTED["a mistyped password"]}
        self.post(reverse("account_login"), **entered)
        answer = self.post(
            reverse("account_login"), **entered | {"password": PLANTED["a password"]}
        )
        assert answer.status_code == 302

    @property
    def token(self) -> str:
        return self.client.cookies[django_settings.CSRF_COOKIE_NAME].value

    @property
    def session(self) -> str:
        return self.client.cookies[django_settings.SESSION_COOKIE_NAME].value

    def post(self, address: str, **data: Any) -> Any:
        return self.client.post(address, data | {"csrfmiddlewaretoken": self.token})

    def upload(self, address: str, body: bytes) -> Any:
        kind = "application/octet-stream"
        return self.client.put(address, body, kind, headers={"X-CSRFToken": self.token})


@pytest.fixture
def written() -> Iterator[list[str]]:
    """Every line of every logger, at its most talkative, as it would be on standard error."""
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler, root = Kept(), logging.getLogger()
    handler.setFormatter(logs.formatter())
    root.addHandler(handler)
    before = root.level
    root.setLevel(logging.DEBUG)
    yield lines
    root.setLevel(before)
    root.removeHandler(handler)


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The presigned addresses from which code was downloaded."""
    opened: list[str] = []
    really = downloads._open

    def noted(address: str, endpoint: str) -> Any:
        opened.append(address)
        return really(address, endpoint)

    monkeypatch.setattr(downloads, "_open", noted)
    return opened


@pytest.fixture
def planted(world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    settings.SLUICE_DIGEST_KEY = PLANTED["the digest key"]
    settings.SLUICE_AUDIT_KEY = PLANTED["the audit key"]
    settings.SLUICE_FACTOR_KEY = [PLANTED["the factor key"]]
    settings.SLUICE_OIDC_CLIENT_SECRET = PLANTED["the client secret"]
    # Nobody answers there, and the log is told why.
    settings.SLUICE_OIDC_ISSUER = f"https://127.0.0.1:{free_port()}"
    settings.SLUICE_OIDC_CLIENT_ID = "sluice"
    credentials = Credentials(
        PLANTED["an access key"], PLANTED["a secret access key"], PLANTED["a session token"]
    )
    monkeypatch.setattr(
        aws_client,
        "_source_session",
        lambda endpoint: aws_client._bare_session(sandboxed=True, credentials=credentials),
    )
    aws_client.forget_clients()
    world.aws.reset()
    variables = {"TOKEN": PLANTED["an environment value"]}
    world.seed(configuration={"Environment": {"Variables": variables}})
    world.environment.role_arn = f"arn:aws:iam::{world.environment.account_id}:role/sluice"
    world.environment.save()
    for person in world.people.values():
        person.set_password(PLANTED["a password"])
        person.save()
    # Encrypted by the key for factors; she does not sign in here.
    TOTP.activate(world.people["security"], SECRET)
    yield world
    aws_client.forget_clients()


def released(world: World, developer: Browser, manager: Browser) -> Release:
    """Upload, request, check, compare, approve, stage, publish, shift: by hand and by worker."""
    world.add()
    address = f"{reverse('releases:upload')}?function={world.function.pk}&name=checkout.zip"
    taken = developer.upload(address, package("two")).json()["intake"]
    intake.read(taken)
    said = {"function": world.function.pk, "source": "upload", "intake": taken}
    assert developer.post(reverse("releases:new"), **said).status_code == 302
    release = world.advance(Release.objects.get())
    round_ = release.current_round
    assert round_
    compare(round_.pk)
    manager.post(
        reverse("releases:approve", args=[release.pk]),
        fingerprint=fingerprint_of(release),
        seen=release.state,
    )
    engine.advance(release.pk)
    assert world.live() == "2"
    return release


def rolled_back_and_drifted(world: World, manager: Browser) -> Drift:
    world.function.refresh_from_db()
    said = {"to": "1", "reason": "Checkout fails", "seen_live": "2", "seen_rollback": "0"}
    manager.post(reverse("releases:roll_back", args=[world.function.pk]), **said)
    assert world.live() == "1"
    change_environment(world, TOKEN=PLANTED["a changed environment value"])
    return found(world)


def taken_away(release: Release, manager: Browser) -> Iterator[tuple[str, str]]:
    """The exports and the evidence, unpacked."""
    seal_all()
    for format in ("csv", "jsonl"):
        manager.post(reverse("releases:export_audit"), format=format)
        export = AuditExport.objects.latest("created_at")
        exporting.write(str(export.pk))
        answer = manager.post(reverse("releases:download_audit", args=[export.pk]))
        yield format, body_of(answer).decode()
    address = reverse("releases:take_release_evidence", args=[release.pk])
    with zipfile.ZipFile(io.BytesIO(body_of(manager.post(address)))) as pack:
        yield from ((name, pack.read(name).decode()) for name in pack.namelist())


def found_in(secrets: dict[str, str], places: Iterator[tuple[str, str]]) -> list[str]:
    """Which secret is where, also in the ways in which they are written elsewhere."""
    hits = []
    for place, text in places:
        for name, secret in secrets.items():
            ways = {secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1]}
            ways |= {base64.b64encode(secret.encode()).decode().rstrip("=")[:-1]}
            if any(way in text for way in ways):
                hits.append(f"{name} in {place}")
    return hits


def test_no_secret_is_stored_shown_logged_or_exported(
    planted: World, written: list[str], addresses: list[str]
) -> None:
    developer, manager, admin = (Browser(name) for name in ("developer", "manager", "admin"))
    release = released(planted, developer, manager)
    drift = rolled_back_and_drifted(planted, manager)
    assumed = [found for s in aws_client._sessions.values() if (found := s.get_credentials())]
    secrets = PLANTED | {f"address {n}": each for n, each in enumerate(addresses)}
    secrets |= {f"a signature {n}": each.partition("?")[2] for n, each in enumerate(addresses)}
    for number, each in enumerate(assumed):
        secrets[f"an assumed secret {number}"] = str(each.secret_key)
        secrets[f"an assumed token {number}"] = str(each.token)
    tokens = {f"a csrf token {n}": b.token for n, b in enumerate((developer, manager, admin))}
    sessions = {f"a session {n}": b.session for n, b in enumerate((developer, manager, admin))}
    assert addresses and assumed and len({*secrets.values()}) >= 12

    secrets["the secret of an app"] = SECRET
    assert manager.client.get(reverse("oidc_begin")).status_code == 302

    shown = pages(manager.client) | pages(admin.client)
    assert {reverse("releases:drift", args=[drift.pk])} < shown.keys()
    exports = list(taken_away(release, manager))
    assert len(exports) > 5 and len(shown) > 30 and len(written) > 10
    # What is no secret is found everywhere by the same search, or it would prove nothing.
    control = {"the reason": "Checkout fails"}
    for places in (shown.items(), exports, tables()):
        assert found_in(control, iter(places))
    assert found_in({"a job": "advance_release"}, redis())
    assert found_in({"a queue": "Enqueueing job"}, iter([("the log", "\n".join(written))]))
    everywhere = [*shown.items(), *exports, *redis(), ("the log", "\n".join(written))]
    assert found_in(secrets | tokens | sessions, iter(everywhere)) == []
    assert found_in(secrets | tokens, tables()) == []
    hits = found_in(sessions, tables())
    assert {hit.rpartition(" in ")[2] for hit in hits} <= SESSION_TABLES
