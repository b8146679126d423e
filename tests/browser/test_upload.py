"""Bringing a package in: by hand, from S3, as an image; and being told what is wrong with it."""

from pathlib import Path

from playwright.sync_api import expect

from releases.models import Artifact, Intake, Release
from sandbox.aws.seed import SeedVersion
from tests.browser.packages import choose, drop, form_for, incompressible, inspected, zip_with
from tests.browser.people import People
from tests.browser.scenes import path_of, shows, until
from tests.world import ACCOUNT, REGION, World, package


def test_a_package_is_dropped_on_the_page(world: World, sign_in: People) -> None:
    world.add()
    page = sign_in("developer")
    form_for(page, world)
    expect(page.locator("#send")).to_be_disabled()
    expect(page.locator("#send-hint")).to_have_text("Bring a package in first.")
    drop(page, package("two"))
    inspected(page, "accepted")
    expect(page.locator("#intake")).to_contain_text("No warnings")
    expect(page.locator("#send")).to_be_enabled()


def test_a_file_dropped_beside_the_zone_changes_nothing(world: World, sign_in: People) -> None:
    world.add()
    page = sign_in("developer")
    form_for(page, world)
    page.get_by_label("What changes").fill("Half a sentence")
    drop(page, package("two"), onto="#id_description")
    expect(page.get_by_label("What changes")).to_have_value("Half a sentence")
    inspected(page, "none")


def test_a_slow_upload_shows_its_progress_and_can_be_stopped(
    world: World, sign_in: People, tmp_path: Path
) -> None:
    world.add()
    page = sign_in("developer")
    form_for(page, world)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 200_000}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
    choose(page, incompressible(3_000_000), tmp_path)
    bar = page.get_by_role("progressbar", name="Upload of package.zip")
    expect(bar).to_be_visible()
    expect(page.locator("[data-progress]")).to_contain_text("of 2.86 MB")
    until(lambda: float(bar.evaluate("bar => bar.value")) > 1, "some of it is sent")
    expect(page.locator("#send-hint")).to_have_text("The package is still being uploaded.")
    page.get_by_role("button", name="Stop").click()
    expect(bar).to_be_hidden()
    assert not Intake.objects.exists()


def test_what_is_no_zip_is_refused_with_the_reason_and_advice(
    world: World, sign_in: People, tmp_path: Path
) -> None:
    world.add()
    page = sign_in("developer")
    form_for(page, world)
    page.get_by_label("What changes").fill("Retry on 429")
    page.get_by_label("Git commit").fill("9f8e7d6")
    choose(page, b"hello", tmp_path)
    inspected(page, "refused")
    refused = Intake.objects.get()
    expect(page.locator("#intake")).to_contain_text(refused.problem)
    expect(page.locator("#intake")).to_contain_text(refused.advice)
    expect(page.locator("#send")).to_be_disabled()

    choose(page, zip_with("../../etc/passwd"), tmp_path)
    expect(page.locator("#intake")).to_contain_text("../../etc/passwd")
    expect(page.get_by_label("What changes")).to_have_value("Retry on 429")
    expect(page.get_by_label("Git commit")).to_have_value("9f8e7d6")
    assert refused.advice and not Artifact.objects.exists()


def test_an_empty_file_is_not_even_sent(world: World, sign_in: People, tmp_path: Path) -> None:
    world.add()
    page = sign_in("developer")
    form_for(page, world)
    choose(page, b"", tmp_path)
    expect(page.locator("#transfer-problem")).to_contain_text("This file is empty.")


def test_a_warning_is_shown_to_the_developer_and_to_the_reviewer(
    world: World, sign_in: People, tmp_path: Path
) -> None:
    world.add()
    page = sign_in("developer")
    form_for(page, world)
    choose(page, package("two", entry="other.py"), tmp_path)
    inspected(page, "accepted")
    said = "index.py, which is not in the package"
    expect(page.locator("#intake")).to_contain_text(said)
    page.get_by_role("button", name="Request the release").last.click()
    shows(page, "Waiting for approval")

    reviewer = sign_in("manager")
    expect(reviewer.locator(".decision")).to_contain_text("1 warning")
    reviewer.goto(path_of(Release.objects.get()))
    expect(reviewer.get_by_role("region", name="Warnings about the package")).to_contain_text(said)


def test_the_same_package_twice_says_whose_it_was(
    world: World, sign_in: People, tmp_path: Path
) -> None:
    world.add()
    world.bring_in(package("two"), by="second-developer")
    page = sign_in("developer")
    form_for(page, world)
    choose(page, package("two"), tmp_path)
    inspected(page, "accepted")
    said = "Already known: first brought in by second-developer for checkout"
    expect(page.locator("#intake")).to_contain_text(said)
    assert Artifact.objects.count() == 1


def test_an_s3_object_is_read_once(world: World, sign_in: People) -> None:
    sign_in.expect_error("422")
    world.add()
    world.aws.seed.bucket("builds", region=REGION)
    first = world.aws.seed.object("builds", "checkout.zip", package("two"))
    page = sign_in("developer")
    form_for(page, world)
    page.get_by_role("radio", name="S3 object").focus()
    page.keyboard.press("Space")
    read = page.get_by_role("button", name="Read it from S3")
    read.click()
    expect(page.locator("#intake")).to_contain_text("The package was not taken")

    page.get_by_label("Bucket").fill("builds")
    page.get_by_label("Key", exact=True).fill("missing.zip")
    read.click()
    inspected(page, "refused")
    expect(page.locator("#intake")).to_contain_text("NoSuchKey")
    page.get_by_label("Key", exact=True).fill("checkout.zip")
    read.click()
    inspected(page, "accepted")
    page.get_by_role("button", name="Request the release").last.click()
    shows(page, "Waiting for approval")
    assert Intake.objects.get(state="accepted").object_version == first


def test_an_image_is_pinned_by_its_digest(world: World, sign_in: People) -> None:
    current = world.aws.seed.image("checkout", "v1", region=REGION)
    world.aws.seed.image("checkout", "v2", region=REGION, content="second")
    world.seed(versions=[SeedVersion(code=current)])
    world.add()
    page = sign_in("developer")
    form_for(page, world)
    page.get_by_label("Image").last.fill(f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/checkout:v2")
    page.get_by_role("button", name="Look it up").click()
    inspected(page, "accepted")
    expect(page.locator("#intake")).to_contain_text("@sha256:")
    page.get_by_role("button", name="Request the release").last.click()
    shows(page, "Waiting for approval")


def test_whoever_may_not_request_is_answered_when_they_drop_a_file(
    world: World, sign_in: People
) -> None:
    world.add()
    page = sign_in("auditor", f"/releases/new/?function={world.function.pk}")
    page.evaluate(
        "() => { const held = new DataTransfer();"
        " held.items.add(new File(['PK'], 'package.zip'));"
        " document.querySelector('[data-dropzone]').dispatchEvent("
        "   new DragEvent('drop', { bubbles: true, dataTransfer: held })); }"
    )
    expect(page.locator("#transfer-problem")).to_contain_text(
        "Only developers and release managers"
    )
