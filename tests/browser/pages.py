"""Every page of the product, in a world where each has something to show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from releases.actions.add_function import add_function
from releases.models import Function, Release
from releases.states import Gate, ReleaseState
from sandbox.aws import Fault, SeedVersion
from tests.browser.people import People
from tests.browser.scenes import settled
from tests.world import ACCOUNT, HERE, REGION, World, package

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RULES = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
AXE = Axe()


def _another(world: World, name: str, gate: Gate = Gate.REVIEW_FIRST) -> Function:
    world.name = name
    world.aws.seed.function(
        name, account=ACCOUNT, region=REGION, aliases={"live": "1"},
        versions=[SeedVersion(code=package("one"))],
    )  # fmt: skip
    world.function = add_function(
        environment=world.environment, identifier=name, gate=gate, live_alias="live",
        creates_alias=False, by=world.people["admin"], origin=HERE,
    )  # fmt: skip
    return world.function


def _gone_on(world: World, name: str, state: ReleaseState) -> Release:
    """A release of a function of its own, approved and then in `state`."""
    _another(world, name)
    release = settled(world.request(package(name)), ReleaseState.AWAITING_APPROVAL)
    if state == ReleaseState.CONFLICT:
        world.client.update_function_configuration(FunctionName=name, MemorySize=512)
        world.client.update_function_code(FunctionName=name, ZipFile=package("theirs"))
    if state == ReleaseState.FAILED:
        fault = Fault(
            "UpdateFunctionCode", "error", status=400, code="CodeStorageExceededException"
        )
        world.aws.faults.add(fault)
    world.approve(release)
    return settled(release, state)


def full_world(world: World) -> dict[str, str]:
    """Name and address of every page, one release in each state that has a page of its own."""
    world.aws.timing.in_progress = 0.0
    shown = {
        state.value: _gone_on(world, f"{state}-orders", state)
        for state in (ReleaseState.RELEASED, ReleaseState.FAILED, ReleaseState.CONFLICT)
    }
    function = _another(world, "checkout-with-quite-a-long-name-for-a-function")
    odd = package("waiting", entry="other.py")
    waiting = world.request(odd, description="Retry on 429", change_url="https://example.com/1")
    shown["waiting"] = settled(waiting, ReleaseState.AWAITING_APPROVAL)
    return {
        "dashboard": "/",
        "releases": "/releases/",
        **{f"release {name}": f"/releases/{release.pk}/" for name, release in shown.items()},
        "new release": f"/releases/new/?function={function.pk}",
        "functions": "/functions/",
        "add function": "/functions/add/",
        "function": f"/functions/{function.pk}/",
        "settings": f"/functions/{function.pk}/settings/",
        "environments": "/environments/",
        "add environment": "/environments/add/",
        "environment": f"/environments/{world.environment.pk}/",
        "audit": "/audit/",
        "404": "/releases/99999/",
    }


def reader_of(name: str) -> str:
    """Who sees all of the page: forms of settings are the administrator's."""
    administrators = ("function", "settings", "environment")
    return "admin" if any(word in name for word in administrators) else "manager"


def walk(sign_in: People, pages: dict[str, str], **options: Any) -> Iterator[tuple[str, Page]]:
    """Each page, loaded by somebody who sees all of it."""
    sign_in.expect_error("404")
    readers = {who: sign_in(who, "/accounts/login/", **options) for who in ("admin", "manager")}
    for name, address in pages.items():
        page = readers[reader_of(name)]
        page.goto(address)
        yield name, page


def violations(page: Page) -> list[str]:
    """What axe finds, as rule, element and why."""
    found = AXE.run(page, options=RULES).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"][:4]
    ]
