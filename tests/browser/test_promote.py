"""Promotion in browsers: from the board by one person, approved by another, live elsewhere."""

from __future__ import annotations

import boto3
from botocore.config import Config
from playwright.sync_api import Page, expect

from releases.models import Environment, Function, Release, Tier
from releases.states import ReleaseState
from sandbox.aws import SeedVersion
from tests.browser.pages import PHONE, SMALLEST, WIDE, problems
from tests.browser.people import People
from tests.browser.scenes import approve, at_the_gate, is_live, path_of, settled, shows
from tests.world import REGION, World, package

OTHER = "210987654321"
ROLE = f"arn:aws:iam::{OTHER}:role/sluice"


def production(world: World) -> Function:
    """checkout in another account, reached by AssumeRole; what the world had becomes staging."""
    Environment.objects.filter(pk=world.environment.pk).update(name="staging", tier=Tier.STAGING)
    there = World(world.aws, name=world.name, people=world.people)
    there.environment.account_id, there.environment.role_arn = OTHER, ROLE
    there.environment.save()
    there.seed(account=OTHER, versions=[SeedVersion(code=package("old"))])
    return there.add()


def released_in_staging(world: World) -> Release:
    source = at_the_gate(world, description="Retry on 429")
    world.approve(source)
    return settled(source, ReleaseState.RELEASED)


def cell(page: Page, environment: str) -> str:
    """The selector of checkout's cell in an environment."""
    return f"tr:has(a.fn:text-is('checkout')) td:has(.board-where:text-is('{environment}'))"


def test_it_is_promoted_on_the_board_and_live_in_the_other_account(
    world: World, sign_in: People
) -> None:
    source = released_in_staging(world)
    target = production(world)
    board = sign_in("developer", "/board/")
    watcher = sign_in("viewer", "/board/")
    is_live(watcher)
    expect(board.locator(cell(board, "production"))).to_contain_text("differs from staging")
    board.get_by_role("link", name="to production").click()
    sheet = board.locator("#promote-sheet")
    expect(sheet).to_contain_text(f"Promote {source.reference} to production?")
    expect(sheet).to_contain_text("1 release manager, not an author")
    assert not target.releases.exists()
    sheet.get_by_role("button", name="Promote to production").click()
    board.wait_for_url("**/releases/*/")
    made = target.releases.get()
    expect(board.locator(".page-sub")).to_contain_text(f"promoted from {source.reference}")
    shows(board, "Waiting for approval")
    expect(watcher.locator(cell(watcher, "production"))).to_contain_text(
        "Waiting for approval", timeout=60_000
    )
    approve(sign_in("manager", path_of(made)))
    shows(board, "Released")
    expect(watcher.locator(cell(watcher, "production"))).to_contain_text(
        "same as staging", timeout=60_000
    )
    assert source.artifact is not None
    assert in_the_other_account(world) == ("2", source.artifact.code_sha256)


def in_the_other_account(world: World) -> tuple[str, str]:
    """Where the alias points, and the CodeSha256 behind it, asked with the role's credentials."""
    where = {
        "endpoint_url": world.aws.url,
        "region_name": REGION,
        "config": Config(retries={"total_max_attempts": 1}),
    }
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    sts = boto3.client("sts", **where, **keys)  # type: ignore[call-overload]
    found = sts.assume_role(RoleArn=ROLE, RoleSessionName="tests")["Credentials"]
    client = boto3.client(  # type: ignore[call-overload]
        "lambda",
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["SessionToken"],
        **where,
    )
    alias = client.get_alias(FunctionName="checkout", Name="live")
    shown = client.get_function_configuration(FunctionName="checkout", Qualifier="live")
    return alias["FunctionVersion"], shown["CodeSha256"]


def test_the_board_works_by_keyboard_alone(world: World, sign_in: People) -> None:
    source = released_in_staging(world)
    target = production(world)
    page = sign_in("developer")
    page.keyboard.press("g")
    page.keyboard.press("b")
    page.wait_for_url("**/board/")
    is_live(page)
    page.keyboard.press("j")
    expect(page.locator("[data-selected] a.fn")).to_be_focused()
    button = page.locator(f"#promote-{source.pk}-{target.pk}")
    for _ in range(12):
        page.keyboard.press("Tab")
        if button.evaluate("each => each === document.activeElement"):
            break
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#promote-sheet")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#promote-sheet")).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#promote-sheet")).to_be_visible()
    page.locator("#act-promote").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/releases/*/")
    assert target.releases.get().promoted_from == source


def test_it_works_without_scripts(world: World, sign_in: People) -> None:
    source = released_in_staging(world)
    target = production(world)
    page = sign_in("developer", "/board/", java_script_enabled=False)
    page.get_by_role("link", name="to production").click()
    page.wait_for_url(f"**/promote/?to={target.pk}")
    page.get_by_role("button", name="Promote to production").click()
    page.wait_for_url("**/releases/*/")
    assert target.releases.get().promoted_from == source


def test_function_and_release_page_offer_it_too(world: World, sign_in: People) -> None:
    source = released_in_staging(world)
    target = production(world)
    page = sign_in("developer", f"/functions/{world.function.pk}/")
    for address in (f"/functions/{world.function.pk}/", path_of(source)):
        page.goto(address)
        page.locator(f"#promote-{source.pk}-{target.pk}").click()
        expect(page.locator("#promote-sheet")).to_contain_text("to production?")
        page.locator("#promote-sheet [data-close]").click()
        expect(page.locator("#promote-sheet")).to_be_hidden()
    assert not target.releases.exists()


def test_board_and_sheet_are_accessible_and_fit(world: World, sign_in: People) -> None:
    source = released_in_staging(world)
    target = production(world)
    world.request(package("three"))
    page = sign_in("developer")
    addresses = {
        "promote": f"/releases/{source.pk}/promote/?to={target.pk}",
        "promotable release": path_of(source),
        "promotable function": f"/functions/{world.function.pk}/",
        "board filtered": "/board/?q=nothing&differs=1&env=staging",
        "board": "/board/",
    }
    found = []
    for name, address in addresses.items():
        page.goto(address)
        found += problems(page, name, WIDE, PHONE, SMALLEST)
    page.locator(f"#promote-{source.pk}-{target.pk}").click()
    expect(page.locator("#promote-sheet")).to_be_visible()
    found += problems(page, "promote sheet", WIDE, PHONE, SMALLEST)
    assert found == []
