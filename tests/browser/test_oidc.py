"""Signing in with an identity provider, in a browser: there, back, and where it is down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from playwright.sync_api import expect

from accounts.models import User
from tests.browser.pages import PHONE, WIDE, problems
from tests.browser.people import People
from tests.browser.processes import web_alone
from tests.oidc.running import Provider, running_provider
from tests.world import World


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def site(
    site_env: dict[str, str], provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A web server of its own, which has the provider."""
    log = tmp_path_factory.mktemp("oidc") / "log"
    env: dict[str, Any] = site_env | {
        "SLUICE_OIDC_ISSUER": provider.issuer,
        "SLUICE_OIDC_CLIENT_ID": "sluice",
        "SLUICE_OIDC_CLIENT_SECRET": "only-for-tests",
        "SLUICE_OIDC_NAME": "Acme ID",
        "SLUICE_OIDC_GROUP_ROLES": "managers=release_manager;admins=administrator",
    }
    with log.open("w+") as lines, web_alone(env, lines) as address:
        yield address


@pytest.fixture(autouse=True)
def its_pages_look_plain(sign_in: People) -> None:
    """The provider's own page asks for a stylesheet of the internet and an icon it lacks."""
    sign_in.expect_error("ERR_NAME_NOT_RESOLVED", "ERR_INTERNET_DISCONNECTED", "404")


def test_somebody_signs_in_with_the_provider(
    world: World, sign_in: People, provider: Provider
) -> None:
    provider.knows("ines", preferred_username="ines", name="Ines Vidal", groups=["managers"])
    page = sign_in.stranger()
    page.goto("/audit/")
    found = problems(page, "sign-in", WIDE, PHONE)
    page.get_by_role("link", name="Sign in with Acme ID").click()
    page.get_by_placeholder("sub").fill("ines")
    page.get_by_role("button", name="Authorize").click()
    expect(page.get_by_role("heading", name="Audit history")).to_be_visible()
    assert User.objects.get(username="ines").role == "release_manager"
    assert found == []


def test_somebody_without_a_group_reads_why(
    world: World, sign_in: People, provider: Provider
) -> None:
    sign_in.expect_error("403")
    provider.knows("bo", preferred_username="bo", groups=[])
    page = sign_in.stranger()
    page.goto("/accounts/login/")
    page.get_by_role("link", name="Sign in with Acme ID").click()
    page.get_by_placeholder("sub").fill("bo")
    page.get_by_role("button", name="Authorize").click()
    expect(page.get_by_text("None of your groups at Acme ID has a role")).to_be_visible()
    assert problems(page, "no way in", WIDE, PHONE) == []


def test_an_account_is_linked_from_ones_own_page(
    world: World, sign_in: People, provider: Provider
) -> None:
    page = sign_in.sign_in_by_hand("viewer")
    page.goto(f"/people/{world.people['viewer'].pk}/")
    page.get_by_role("link", name="Link with Acme ID").click()
    found = problems(page, "link", WIDE, PHONE)
    page.get_by_role("link", name="Go on to Acme ID").click()
    page.get_by_placeholder("sub").fill("the-viewer")
    page.get_by_role("button", name="Authorize").click()
    expect(page.get_by_text("You can sign in with Acme ID from now on.")).to_be_visible()
    assert found == []


def test_whoever_has_nothing_else_confirms_in_a_tab_of_its_own(
    world: World, sign_in: People, provider: Provider
) -> None:
    sign_in.expect_error("401")
    provider.knows("the-admin", preferred_username="admin", groups=["admins"])
    admin, viewer = world.people["admin"], world.people["viewer"]
    admin.set_unusable_password()
    admin.save()
    SocialAccount.objects.create(provider=provider.issuer, uid="the-admin", user=admin)
    page = sign_in("admin", f"/people/{viewer.pk}/roles/", ago=timedelta(hours=1))
    page.get_by_label("Functions by their names").check()
    page.locator("#id_pattern").fill("pay-*")
    page.get_by_role("button", name="Give").click()
    dialog = page.locator("#step-up-dialog")
    expect(dialog).to_be_visible()
    assert problems(page, "step-up by a provider", WIDE, PHONE) == []
    with page.context.expect_page() as opened:
        dialog.get_by_role("link", name="Confirm with Acme ID").click()
    tab = opened.value
    tab.get_by_placeholder("sub").fill("the-admin")
    tab.get_by_role("button", name="Authorize").click()
    expect(tab.get_by_role("heading", name="It is you")).to_be_visible()
    assert problems(tab, "confirmed", WIDE, PHONE) == []
    tab.close()
    dialog.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("rowheader", name="functions called pay-*")).to_be_visible()
    assert viewer.grants.get().pattern == "pay-*"
