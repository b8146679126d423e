"""Promoting in the browser: what the sheet says, who sees the button, what the click does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from releases.actions.freeze import freeze
from releases.actions.hold import hold
from releases.models import Function, Release
from releases.states import ReleaseState
from tests.actions.promotions import brought_in, pair, released, staging
from tests.factories import ArtifactFactory, EnvironmentFactory, FunctionFactory, own
from tests.views.scenes import a_release, post
from tests.world import HERE

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(client_for: ClientFor, developer: User) -> Client:
    return client_for(developer)


def sheet(browser: Client, source: Release, target: Function, **headers: Any) -> str:
    address = f"/releases/{source.pk}/promote/?to={target.pk}"
    return browser.get(address, **headers).content.decode()


def test_the_sheet_says_what_the_click_will_do(browser: Client) -> None:
    source, target = pair(description="Retry on 429")
    Function.objects.filter(pk=target.pk).update(gate="stage_first", **own(2, 1))
    page = sheet(browser, source, target)
    assert f"Promote {source.reference} to production?" in page
    assert "2 release managers and 1 security, none of them an author" in page
    assert "Stage first" in page
    assert "released as v1 in staging" in page
    assert f"{'b2xk' * 10}b2w=" in page
    assert source.artifact is not None and source.artifact.code_sha256 in page
    assert "code differs" in page and "v7" in page


def test_the_sheet_alone_goes_into_a_dialog(browser: Client) -> None:
    source, target = pair()
    part = sheet(browser, source, target, headers=HTMX)
    assert "<html" not in part and "data-close" in part


def test_the_sheet_names_whom_it_would_wait_for(browser: Client) -> None:
    source, target = pair()
    flying = a_release(function=target)
    assert f"{flying.reference}</a> (waiting for approval)" in sheet(browser, source, target)


def test_the_sheet_says_what_would_keep_it_from_going_out_there(
    browser: Client, manager: User
) -> None:
    source, target = pair()
    hold(target, reason="Payments are down", by=manager, origin=HERE)
    now = timezone.now()
    freeze(
        target.environment, reason="Quarter end", by=manager, origin=HERE,
        starts_at=now, ends_at=now + timedelta(hours=1),
    )  # fmt: skip
    page = sheet(browser, source, target)
    assert f"put {target.name} on hold: Payments are down. It is checked and reviewed" in page
    assert "Quarter end. It is checked and reviewed meanwhile" in page


def test_the_sheet_says_that_an_image_is_pulled_from_another_account(browser: Client) -> None:
    digest = "a" * 64
    uri = f"210987654321.dkr.ecr.eu-west-1.amazonaws.com/thumbs@sha256:{digest}"
    artifact = ArtifactFactory.create(
        kind="image", sha256=digest, code_sha256=digest, image_uri=uri
    )
    here = FunctionFactory.create(name="thumbs", environment=staging(), package_type="Image")
    source = released(here, artifact=artifact)
    target = FunctionFactory.create(name="thumbs", package_type="Image")
    assert "stays in the registry of account 210987654321" in sheet(browser, source, target)


def test_a_click_leads_to_the_new_release(browser: Client) -> None:
    source, target = pair()
    answer = browser.post(f"/releases/{source.pk}/promote/", {"to": target.pk}, follow=True)
    made = target.releases.get()
    assert answer.redirect_chain == [(f"/releases/{made.pk}/", 302)]
    page = answer.content.decode()
    assert f"You promoted {source.reference} to production as {made.reference}." in page
    assert "of staging: the same bytes" in page


def test_both_releases_link_to_each_other(browser: Client) -> None:
    source, target = pair()
    browser.post(f"/releases/{source.pk}/promote/", {"to": target.pk})
    made = target.releases.get()
    here = browser.get(f"/releases/{source.pk}/").content.decode()
    there = browser.get(f"/releases/{made.pk}/").content.decode()
    assert "Promoted to" in here and f'href="/releases/{made.pk}/"' in here
    assert "promoted from" in there and f'href="/releases/{source.pk}/"' in there


def test_a_second_click_is_told_of_the_first(browser: Client) -> None:
    source, target = pair()
    for _ in range(2):
        answer = browser.post(f"/releases/{source.pk}/promote/", {"to": target.pk})
    made = target.releases.get()
    assert answer.status_code == 409
    assert f"{made.reference} brings exactly these bytes to checkout" in answer.content.decode()


def test_a_package_that_is_gone_is_said_so(browser: Client) -> None:
    source, target = pair(kept=False)
    answer = browser.post(f"/releases/{source.pk}/promote/", {"to": target.pk})
    assert answer.status_code == 422
    assert "no longer in Sluice&#x27;s store" in answer.content.decode()


def test_who_may_not_is_refused_and_told_why(client_for: ClientFor, viewer: User) -> None:
    source, target = pair()
    browser = client_for(viewer)
    page = browser.get(f"/releases/{source.pk}/").content.decode()
    assert "not possible: Only developers and release managers request releases." in page
    answer = browser.post(f"/releases/{source.pk}/promote/", {"to": target.pk})
    assert answer.status_code == 403
    assert not target.releases.exists()


@pytest.mark.parametrize("to", ["", "x", "0", "99999999"])
def test_a_target_that_does_not_exist_is_not_found(browser: Client, to: str) -> None:
    source, _ = pair()
    assert browser.get(f"/releases/{source.pk}/promote/?to={to}").status_code == 404
    assert browser.post(f"/releases/{source.pk}/promote/", {"to": to}).status_code == 404


def test_there_is_no_sheet_for_another_function(browser: Client) -> None:
    source, _ = pair()
    assert "no such" not in sheet(browser, source, FunctionFactory.create(name="invoices"))


def test_the_release_page_offers_every_other_environment(browser: Client) -> None:
    source, target = pair()
    third = FunctionFactory.create(
        name="checkout", environment=EnvironmentFactory.create(name="china")
    )
    page = browser.get(f"/releases/{source.pk}/").content.decode()
    for to in (target, third):
        assert f'hx-get="/releases/{source.pk}/promote/?to={to.pk}"' in page


def test_an_unreleased_release_offers_nothing(browser: Client) -> None:
    _, target = pair()
    waiting = a_release(function=target)
    assert "promote/?to=" not in browser.get(f"/releases/{waiting.pk}/").content.decode()


def test_a_version_that_came_from_a_release_can_be_promoted(browser: Client) -> None:
    source, target = pair()
    source.function.versions.create(number=2, code_sha256="b3V0c2lkZQ==")
    page = browser.get(f"/functions/{source.function_id}/").content.decode()
    assert page.count(f'hx-get="/releases/{source.pk}/promote/?to={target.pk}"') == 1
    assert page.count("promote/?to=") == 2


def test_versions_ask_a_fixed_number_of_queries(
    browser: Client, django_assert_max_num_queries: Any
) -> None:
    source, _ = pair()
    for number in range(2, 30):
        made = released_as(source.function, number)
        source.function.versions.create(number=number, code_sha256="x", release=made)
    with django_assert_max_num_queries(12):
        browser.get(f"/functions/{source.function_id}/_versions/")


def released_as(function: Function, number: int) -> Release:
    made: Release = a_release(ReleaseState.RELEASED, function=function, version_number=number)
    return made


def test_who_brought_the_bytes_in_elsewhere_cannot_approve_them_here(
    client_for: ClientFor, manager: User
) -> None:
    source, target = pair()
    brought_in(source, manager)
    waiting = a_release(function=target, artifact=source.artifact, promoted_from=source)
    answer = post(client_for(manager), waiting, "approve")
    assert answer.status_code == 403
    assert "You brought in these bytes" in answer.content.decode()
