"""The search: by whatever somebody remembers or pastes, and only among what they can see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, User
from releases.hashes import hash_in
from releases.models import Function, Release, Version
from releases.models.functions import GONE
from releases.states import ReleaseState
from tests.factories import (
    ArtifactFactory,
    EnvironmentFactory,
    FunctionFactory,
    ReleaseFactory,
    UserFactory,
)
from tests.scopes import within

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client_for: Callable[[User], Client], viewer: User) -> Client:
    return client_for(viewer)


@pytest.fixture
def pay() -> Function:
    return FunctionFactory.create(name="pay-api", live_version=2)


def groups(browser: Client, text: str) -> dict[str, list[Any]]:
    answer = browser.get("/search/", {"q": text})
    assert answer.status_code == 200
    return {group.title: list(group.rows) for group in answer.context["found"].groups}


def test_a_function_is_found_by_a_part_of_its_name_and_by_its_arn(
    browser: Client, pay: Function
) -> None:
    assert groups(browser, "AY-ap")["Functions"] == [pay]
    assert groups(browser, pay.arn)["Functions"] == [pay]
    assert groups(browser, f"{pay.arn}:live")["Functions"] == [pay]


def test_a_release_is_found_by_its_words_its_number_and_its_commit(browser: Client) -> None:
    release = ReleaseFactory.create(description="Retry on 429", git_commit="0a1b2c3d4e5f")
    ReleaseFactory.create(description="Something else")
    assert groups(browser, "retr 42") == {"Releases": [release]}
    assert groups(browser, str(release.pk))["Releases"] == [release]
    assert groups(browser, "0A1B2C3D") == {"Releases": [release]}


def test_the_whole_reference_leads_to_the_release(browser: Client) -> None:
    release = ReleaseFactory.create()
    answer = browser.get("/search/", {"q": f"r-{release.pk}"})
    assert answer["Location"] == f"/releases/{release.pk}/"


@pytest.mark.parametrize("text", ["pay-api v2", "pay:2", "{arn}:2"])
def test_a_version_is_found_by_function_and_number(
    browser: Client, pay: Function, text: str
) -> None:
    version = Version.objects.create(function=pay, number=2, code_sha256="x")
    assert groups(browser, text.format(arn=pay.arn))["Versions"] == [version]


def test_people_are_found_by_name(browser: Client) -> None:
    ines = UserFactory.create(username="ines", first_name="Ines", last_name="Marin")
    assert groups(browser, "marin") == {"People": [ines]}


@pytest.mark.parametrize("written", ["{base64}", "{hex}", "sha256:{hex}", "SHA256:{HEX}",
                                     "repo/pay@sha256:{hex}", " {base64} "])  # fmt: skip
def test_a_pasted_hash_says_where_that_content_is_live(
    browser: Client, pay: Function, written: str
) -> None:
    artifact = ArtifactFactory.create()
    code, hexed = artifact.code_sha256, artifact.sha256
    version = Version.objects.create(function=pay, number=2, code_sha256=code)
    Version.objects.create(function=FunctionFactory.create(), number=1, code_sha256="other")
    unaliased = FunctionFactory.create(live_alias="", latest_code_sha256=code)
    staged = FunctionFactory.create(latest_code_sha256=code)
    release = ReleaseFactory.create(function=pay, artifact=artifact)
    text = written.format(base64=code, hex=hexed, HEX=hexed.upper())
    assert groups(browser, text) == {
        "Live with this content": [pay, unaliased],
        "On $LATEST": [staged],
        "Versions with this content": [version],
        "Releases of it": [release],
    }


def test_content_is_live_where_the_alias_points_at_latest(browser: Client, pay: Function) -> None:
    code = ArtifactFactory.create().code_sha256
    Function.objects.filter(pk=pay.pk).update(live_version=None, latest_code_sha256=code)
    assert "Live with this content" not in groups(browser, code)
    pay.aliases.create(name=pay.live_alias, version="$LATEST", revision_id="r")
    assert groups(browser, code)["Live with this content"] == [pay]
    assert "callers use $LATEST" in browser.get("/search/", {"q": code}).content.decode()


def test_content_that_gets_a_share_of_the_calls_is_live_with_that_share(
    browser: Client, pay: Function
) -> None:
    Function.objects.filter(pk=pay.pk).update(live_weights={"3": 0.2})
    code = ArtifactFactory.create().code_sha256
    canary = Version.objects.create(function=pay, number=3, code_sha256=code)
    other = Version.objects.create(function=pay, number=4, code_sha256=code)
    found = groups(browser, code)
    assert found["Live with this content"] == [pay]
    assert found["Versions with this content"] == [other, canary]
    shown = " ".join(browser.get("/search/", {"q": code}).content.decode().split())
    assert shown.count("v3 is live for 20 % of calls") == 1 and "v4 is live" not in shown
    assert shown.count(">live for 20 % of calls published outside Sluice<") == 1
    Version.objects.create(function=pay, number=2, code_sha256="other")
    shown = " ".join(browser.get("/search/", {"q": "pay-api v2"}).content.decode().split())
    assert ">live for 80 % of calls published outside Sluice<" in shown


def test_nothing_is_live_of_a_function_that_is_gone_from_aws(
    browser: Client, pay: Function
) -> None:
    code = ArtifactFactory.create().code_sha256
    version = Version.objects.create(function=pay, number=2, code_sha256=code)
    FunctionFactory.create(live_alias="", latest_code_sha256=code)
    Function.objects.update(poll_problem=GONE)
    assert groups(browser, code) == {"Versions with this content": [version]}
    shown = browser.get("/search/", {"q": code}).content.decode()
    assert ">live" not in shown
    shown = browser.get("/search/", {"q": "pay-api"}).content.decode()
    assert "not in AWS" in shown and "is live" not in shown


def test_an_image_is_found_by_its_digest(browser: Client, pay: Function) -> None:
    digest = "ab" * 32
    version = Version.objects.create(function=pay, number=2, code_sha256=digest)
    found = groups(browser, f"sha256:{digest}")
    assert found == {"Live with this content": [pay], "Versions with this content": [version]}


@pytest.mark.parametrize("text", ["", "zz", "a" * 63, "sha256:xyz", "=" * 44, "R-1042"])
def test_what_is_no_hash_is_none(text: str) -> None:
    assert hash_in(text) is None


@pytest.mark.parametrize("text", ["", "  ", "%", "'", "&|!:*", "a" * 5000, "<b>", "\\"])
def test_whatever_is_typed_is_answered(browser: Client, text: str) -> None:
    assert browser.get("/search/", {"q": text}).status_code == 200


def test_what_is_not_found_is_said(browser: Client) -> None:
    shown = browser.get("/search/", {"q": "nothing-like-it"}).content.decode()
    assert "Nothing that you can see matches “nothing-like-it”." in shown


def test_nothing_out_of_scope_is_found(client_for: Callable[[User], Client], pay: Function) -> None:
    elsewhere = EnvironmentFactory.create(name="elsewhere")
    artifact = ArtifactFactory.create()
    hidden = FunctionFactory.create(
        name="pay-secret", environment=elsewhere, live_version=1, latest_code_sha256="x"
    )
    Version.objects.create(function=hidden, number=1, code_sha256=artifact.code_sha256)
    release = ReleaseFactory.create(
        function=hidden, artifact=artifact, description="Hidden", state=ReleaseState.QUEUED
    )
    browser = client_for(within(pay, Role.RELEASE_MANAGER))
    assert groups(browser, "pay")["Functions"] == [pay]
    for text in ("secret", hidden.arn, "pay-secret v1", "hidden", str(release.pk),
                 f"R-{release.pk}", artifact.code_sha256, artifact.sha256):  # fmt: skip
        assert groups(browser, text) == {}, text


def test_suggestions_are_few_and_lead_to_the_rest(browser: Client) -> None:
    for number in range(7):
        FunctionFactory.create(name=f"order-{number}")
    answer = browser.get("/search/", {"q": "order"}, headers={"HX-Target": "quick-results"})
    (group,) = answer.context["found"].groups
    assert (len(group.rows), group.count) == (5, "5+")
    assert "<html" not in answer.content.decode()
    assert 'href="/search/?q=order"' in answer.content.decode()


def test_the_number_of_queries_does_not_depend_on_what_is_found(
    browser: Client, pay: Function, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        function = FunctionFactory.create(name=f"pay-{number}")
        Release.objects.bulk_create(ReleaseFactory.build_batch(
            2, function=function, requested_by=UserFactory.create(), description="pay",
            artifact=ArtifactFactory.create(),
        ))  # fmt: skip
    browser.get("/search/", {"q": "pay"})
    with django_assert_max_num_queries(16):
        browser.get("/search/", {"q": "pay"})
