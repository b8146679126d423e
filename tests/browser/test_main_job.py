"""Upload a package, approve it in another browser, watch it become the version behind live."""

import base64
import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from releases.models import Release
from releases.states import Gate
from tests.browser.people import People
from tests.browser.scenes import approve, shows
from tests.world import World, package


def upload_and_request(page: Page, code: Path) -> str:
    """The developer's half, as a person does it; the release's address."""
    page.get_by_role("link", name="New release").first.click()
    page.get_by_label("Which function").select_option(label="checkout")
    page.locator("#zip").set_input_files(code)
    expect(page.locator("#intake")).to_have_attribute("data-intake", "accepted", timeout=60_000)
    page.get_by_label("What changes").fill("Second try")
    page.get_by_role("button", name="Request the release").last.click()
    page.wait_for_url("**/releases/1*/")
    return page.url


@pytest.mark.parametrize("gate", list(Gate))
def test_upload_approve_published(
    world: World, sign_in: People, tmp_path: Path, gate: Gate
) -> None:
    world.add(gate=gate)
    code = tmp_path / "package.zip"
    code.write_bytes(package("two"))

    developer = sign_in.sign_in_by_hand("developer")
    address = upload_and_request(developer, code)
    shows(developer, "Waiting for approval")
    expect(developer.locator("#act-approve")).to_have_attribute("aria-disabled", "true")

    manager = sign_in.sign_in_by_hand("manager")
    manager.get_by_role("link", name="checkout").first.click()
    expect(manager).to_have_url(address)
    approve(manager)

    for page in (manager, developer):
        shows(page, "Released")
    release = Release.objects.get()
    version = world.client.get_function_configuration(FunctionName="checkout", Qualifier="2")
    digest = hashlib.sha256(code.read_bytes()).digest()
    assert version["CodeSha256"] == base64.b64encode(digest).decode()
    assert version["Description"].startswith(f"{release.reference} ")
    assert version["Description"].endswith(" Second try")
    assert (world.live(), world.versions()) == ("2", ["1", "2"])
