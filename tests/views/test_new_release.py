"""Asking for a release."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from releases.models import Function, Intake, IntakeState, Release
from releases.states import ReleaseState
from tests.factories import FunctionFactory, IntakeFactory, ReleaseFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
ADDRESS = "/releases/new/"


@pytest.fixture
def browser(client_for: ClientFor, developer: User) -> Client:
    return client_for(developer)


@pytest.fixture
def intake(developer: User) -> Intake:
    return IntakeFactory.create(person=developer)


def filled(intake: Intake, /, **changes: Any) -> dict[str, Any]:
    return {
        "function": intake.function_id,
        "source": "upload",
        "intake": str(intake.pk),
        "description": "Retry on 429",
        "architecture": "",
        "git_commit": "9f8e7d6",
        "change_url": "https://example.com/pull/481",
    } | changes


def test_a_developer_requests_a_release(browser: Client, intake: Intake, developer: User) -> None:
    response = browser.post(ADDRESS, filled(intake))
    release = Release.objects.get()
    assert response["Location"] == f"/releases/{release.pk}/"
    assert (release.artifact, release.requested_by) == (intake.artifact, developer)
    assert (release.description, release.git_commit) == ("Retry on 429", "9f8e7d6")
    assert release.state == ReleaseState.QUEUED


def test_what_is_on_latest_needs_no_package(browser: Client, intake: Intake) -> None:
    browser.post(ADDRESS, filled(intake, source="latest", architecture="arm64"))
    release = Release.objects.get()
    assert release.artifact is None
    assert release.architecture == ""


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"git_commit": "main"}, "7 to 64 hexadecimal digits"),
        ({"change_url": "javascript:alert(1)"}, "begins with https://"),
        ({"intake": ""}, "Bring a package in first"),
        ({"intake": str(uuid.uuid4())}, "This package is not known"),
        ({"intake": "nonsense"}, "is not a valid UUID"),
        ({"description": "x" * 257}, "at most 256 characters"),
    ],
)
def test_an_error_loses_nothing_that_was_typed(
    browser: Client, intake: Intake, changes: dict[str, str], says: str
) -> None:
    response = browser.post(ADDRESS, filled(intake, **changes))
    text = response.content.decode()
    assert response.status_code == 422
    assert says in text
    assert changes.get("description", "Retry on 429") in text
    assert not Release.objects.exists()


@pytest.mark.parametrize(
    ("state", "says"),
    [(IntakeState.READING, "still being inspected"), (IntakeState.REFUSED, "was refused")],
)
def test_only_an_accepted_package_is_released(
    browser: Client, intake: Intake, state: IntakeState, says: str
) -> None:
    Intake.objects.update(state=state)
    response = browser.post(ADDRESS, filled(intake))
    assert response.status_code == 422
    assert says in response.content.decode()


def test_a_package_belongs_to_its_function(browser: Client, intake: Intake) -> None:
    other = FunctionFactory.create()
    response = browser.post(ADDRESS, filled(intake, function=other.pk))
    assert response.status_code == 422
    assert f"brought in for {intake.function.name}" in response.content.decode()


def test_a_link_may_fill_the_form_in(browser: Client, intake: Intake) -> None:
    text = browser.get(ADDRESS, filled(intake, source="s3", bucket="builds")).content.decode()
    assert f'<option value="{intake.function_id}" selected>' in text
    assert 'value="builds"' in text
    assert "Retry on 429</textarea>" in text
    assert 'id="source-s3" checked' in text
    assert 'data-intake="accepted"' in text


@pytest.mark.parametrize("asked", ["", "nonsense", "9042"])
def test_without_a_function_the_page_asks_for_one(
    browser: Client, intake: Intake, asked: str
) -> None:
    text = browser.get(ADDRESS, {"function": asked}).content.decode()
    assert "Choose a function" in text
    assert "data-dropzone" not in text


def test_an_image_function_takes_images_only(browser: Client) -> None:
    function = FunctionFactory.create(package_type="Image")
    text = browser.get(ADDRESS, {"function": function.pk}).content.decode()
    assert 'id="source-image" checked' in text
    assert 'id="source-upload"' not in text
    assert 'id="source-s3"' not in text


def test_other_unfinished_releases_are_named(browser: Client) -> None:
    release = ReleaseFactory.create()
    text = browser.get(ADDRESS, {"function": release.function_id}).content.decode()
    assert release.reference in text
    assert "Yours waits its turn." in text


def test_who_may_not_request_reads_why(client_for: ClientFor, viewer: User, intake: Intake) -> None:
    browser = client_for(viewer)
    text = browser.get(ADDRESS, {"function": intake.function_id}).content.decode()
    assert "request releases. You are signed in as viewer." in text
    assert browser.post(ADDRESS, filled(intake)).status_code == 403
    assert not Release.objects.exists()


def test_without_functions_the_page_says_what_to_do(browser: Client) -> None:
    assert not Function.objects.exists()
    assert "Add a function" in browser.get(ADDRESS).content.decode()


def test_without_scripts_the_page_says_what_does_not_work(browser: Client, intake: Intake) -> None:
    text = browser.get(ADDRESS, {"function": intake.function_id}).content.decode()
    assert "Uploading needs JavaScript" in text


def test_many_functions_cost_no_more_queries(
    browser: Client, intake: Intake, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        FunctionFactory.create()
    with django_assert_max_num_queries(14):
        browser.get(ADDRESS, filled(intake))


def test_who_may_not_request_reads_why_and_can_send_nothing(
    client_for: ClientFor, auditor: User, intake: Intake
) -> None:
    page = client_for(auditor).get(ADDRESS, {"function": intake.function_id}).content.decode()
    why = "Only developers and release managers request releases"
    header, form = page.split("<main")
    assert f'aria-disabled="true" title="{why}' in header
    assert f'href="{ADDRESS}"' not in header
    assert "You may not request releases" in form
    assert f'data-refusal="{why}' in form
    fields = [tag.split(">")[0] for tag in form.split("<") if 'id="id_' in tag or 'id="zip' in tag]
    assert [tag for tag in fields if "disabled" not in tag and "id_function" not in tag] == []
