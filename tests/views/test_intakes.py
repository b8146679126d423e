"""Packages from S3 and images, and what the inspection tells."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from django.test import Client

from accounts.models import User
from releases.models import AuditEvent, Intake, IntakeState
from tests.factories import FunctionFactory, IntakeFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(client_for: ClientFor, developer: User) -> Client:
    return client_for(developer)


def shown(browser: Client, intake: Intake) -> str:
    response = browser.get(f"/intakes/{intake.pk}/")
    assert response.status_code == 200
    return response.content.decode()


def test_an_object_is_asked_for(browser: Client) -> None:
    sent = {"function": FunctionFactory.create().pk, "bucket": "builds", "key": "a/b.zip"}
    response = browser.post("/intakes/s3/", sent, headers=HTMX)
    intake = Intake.objects.get()
    assert (intake.bucket, intake.key, intake.object_version) == ("builds", "a/b.zip", "")
    assert f'value="{intake.pk}"' in response.content.decode()


def test_an_image_is_asked_for(browser: Client) -> None:
    function = FunctionFactory.create(package_type="Image")
    sent = {"function": function.pk, "image_uri": "repository:tag"}
    assert browser.post("/intakes/image/", sent, headers=HTMX).status_code == 200
    assert Intake.objects.get().label == "repository:tag"


@pytest.mark.parametrize(("path", "says"), [("s3", "Bucket"), ("image", "Image uri")])
def test_what_is_missing_is_named(browser: Client, path: str, says: str) -> None:
    sent = {"function": FunctionFactory.create().pk}
    response = browser.post(f"/intakes/{path}/", sent, headers=HTMX)
    assert response.status_code == 422
    assert says in response.content.decode()


@pytest.mark.parametrize(
    "bucket",
    [
        "arn:aws:s3:us-east-1:210987654321:accesspoint/x",
        "http://169.254.169.254/",
        "169.254.169.254/latest?",
        "evil.example@",
        "..",
        "\u0430bc",
    ],
)
def test_what_is_no_buckets_name_is_asked_nowhere(browser: Client, bucket: str) -> None:
    sent = {"function": FunctionFactory.create().pk, "bucket": bucket, "key": "a.zip"}
    response = browser.post("/intakes/s3/", sent, headers=HTMX)
    assert response.status_code == 422
    assert "an ARN or an address is not one" in response.content.decode()
    assert AuditEvent.objects.latest("pk").action == "intake.not_taken"
    assert not Intake.objects.exists()


def test_an_address_of_look_alikes_is_no_image(browser: Client) -> None:
    function = FunctionFactory.create(package_type="Image")
    sent = {"function": function.pk, "image_uri": "ecr.\u0430mazonaws.com/checkout:1\u202e"}
    response = browser.post("/intakes/image/", sent, headers=HTMX)
    assert response.status_code == 422
    assert r"ecr.\u0430mazonaws.com/checkout:1\u202e" in response.content.decode()


def test_the_longest_source_of_all_has_a_label(browser: Client) -> None:
    function = FunctionFactory.create()
    sent = {"function": function.pk, "bucket": "b" * 63, "key": "\u202e" * 1024}
    sent |= {"object_version": "v" * 1024}
    assert browser.post("/intakes/s3/", sent, headers=HTMX).status_code == 200
    assert Intake.objects.get().key == sent["key"]


def test_without_scripts_everything_typed_comes_back(browser: Client) -> None:
    typed = {"bucket": "builds", "key": "a b.zip", "description": "Retry", "source": "s3"}
    sent = typed | {"function": str(FunctionFactory.create().pk)}
    address = urlparse(browser.post("/intakes/s3/", sent)["Location"])
    back = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert address.path == "/releases/new/"
    assert back == sent | {"intake": str(Intake.objects.get().pk)}


def test_without_scripts_a_refusal_is_told_once_and_not_by_the_address(browser: Client) -> None:
    sent = {"function": str(FunctionFactory.create().pk), "bucket": "builds", "key": ""}
    page = browser.post("/intakes/s3/", sent)["Location"]
    assert "The package was not taken" in browser.get(page).content.decode()
    forged = browser.get(f"{page}&problem=Call+this+number").content.decode()
    assert "The package was not taken" not in forged
    assert "Call this number" not in forged


def test_a_viewer_brings_nothing_in(client_for: ClientFor, viewer: User) -> None:
    sent = {"function": FunctionFactory.create().pk, "bucket": "builds", "key": "a.zip"}
    assert client_for(viewer).post("/intakes/s3/", sent).status_code == 403
    assert not Intake.objects.exists()


def test_a_waiting_intake_asks_again(browser: Client) -> None:
    intake = IntakeFactory.create(state=IntakeState.READING, artifact=None, sha256="")
    assert 'hx-trigger="every 1s"' in shown(browser, intake)


def test_a_refused_intake_says_why_and_what_to_do(browser: Client) -> None:
    refused: dict[str, Any] = {"problem": "Not a zip archive.", "advice": "Build it again."}
    intake = IntakeFactory.create(
        state=IntakeState.REFUSED, artifact=None, sha256="a" * 64, **refused
    )
    text = shown(browser, intake)
    assert refused["problem"] in text
    assert refused["advice"] in text
    assert 'name="intake"' not in text
    assert "every 1s" not in text


def test_an_accepted_intake_shows_both_hashes_and_warnings(browser: Client) -> None:
    intake = IntakeFactory.create(warnings=[{"message": "Odd <name>", "paths": ["x"]}])
    assert intake.artifact
    text = shown(browser, intake)
    assert intake.artifact.sha256 in text
    assert intake.artifact.code_sha256 in text
    assert "Odd &lt;name&gt;" in text


def test_known_bytes_name_who_brought_them_first(browser: Client) -> None:
    first = IntakeFactory.create()
    again = IntakeFactory.create(artifact=first.artifact)
    assert f"Already known: first brought in by {first.person.name}" in shown(browser, again)
    assert "Already known" not in shown(browser, first)


def test_there_is_no_such_intake(browser: Client) -> None:
    assert browser.get(f"/intakes/{uuid.uuid4()}/").status_code == 404
