"""An error of AWS on the page: its name, its words, what to do, and another try."""

from playwright.sync_api import expect

from sandbox.aws import Fault
from tests.browser.people import People
from tests.browser.scenes import approve, at_the_gate, is_live, path_of, shows
from tests.world import World


def test_an_aws_error_is_shown_with_what_to_do_and_a_retry_releases(
    world: World, sign_in: People
) -> None:
    release = at_the_gate(world)
    said = "Lambda cannot deploy the function. The signature is not trusted."
    name = "CodeVerificationFailedException"
    refused = Fault("UpdateFunctionCode", "error", status=400, code=name, message=said)
    world.aws.faults.add(refused)
    developer = sign_in("developer", path_of(release))
    is_live(developer)
    manager = sign_in("manager", path_of(release))
    is_live(manager)
    approve(manager)
    for page in (manager, developer):
        shows(page, "Failed")
        notice = page.locator("#part-notices")
        release.refresh_from_db()
        for part in (said, name, release.error_advice, "Nothing was published."):
            expect(notice).to_contain_text(part)
    assert release.error_advice
    assert (world.live(), world.versions()) == ("1", ["1"])
    expect(sign_in("second-manager").locator("#board .attention")).to_contain_text("checkout")

    developer.get_by_role("button", name="Retry").click()
    for page in (developer, manager):
        shows(page, "Released")
    assert (world.live(), world.versions()) == ("2", ["1", "2"])
