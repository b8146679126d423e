"""Every page of the product, in a world where each has something to show."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

from releases.actions.add_function import add_function
from releases.models import Function, Release
from releases.states import Gate, ReleaseState
from sandbox.aws import Fault, SeedVersion
from tests.browser.people import People
from tests.browser.scenes import settled, unseen_for_now
from tests.world import ACCOUNT, HERE, REGION, World, package

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Nothing is loaded for axe beforehand: of these rules, only the one about sound asks for that.
RULES: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"], "preload": False,
}  # fmt: skip
# All of those that look at colours; only these can tell one theme from the other.
OF_COLOURS = ["color-contrast", "link-in-text-block"]
COLOURS = RULES | {"runOnly": {"type": "rule", "values": OF_COLOURS}}
AXE = Axe().axe_script

WIDE: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
SMALLEST: ViewportSize = {"width": 360, "height": 740}
# Playwright's own: between the two, where nobody chose a size.
USUAL: ViewportSize = {"width": 1280, "height": 720}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# The first one meets every rule, the second those of colours.
THEMES: dict[Literal["light", "dark"], dict[str, Any]] = {"light": RULES, "dark": COLOURS}


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
        unseen_for_now(world)
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


def violations(page: Page, rules: dict[str, Any] = RULES) -> list[str]:
    """What axe finds, as rule, element and why."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(rules).then((all) => all.violations)", rules)
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"][:4]
    ]


def problems(page: Page, name: str, *sizes: ViewportSize) -> list[str]:
    """What axe finds in a loaded page, and where it scrolls sideways: at each size, in both themes.

    Each problem begins with the page's name, the width and the theme. Loading the page again for
    each of them would cost more than looking at it. It keeps the last size and theme.
    """
    found = []
    for at, rules in _looks(page, sizes):
        seen = [*_overflow(page), *violations(page, rules)]
        found += [f"{name}, {at}: {each}" for each in seen]
        keep(page, f"{name} {at}")
    return found


def sideways(page: Page, name: str, *sizes: ViewportSize) -> list[str]:
    """Where a loaded page scrolls sideways, named as its other problems are."""
    return [f"{name}, {at}: {each}" for at, _ in _looks(page, sizes) for each in _overflow(page)]


def _looks(page: Page, sizes: Iterable[ViewportSize]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each size and theme by name, while the page has it, with the rules it can break."""
    for size in sizes:
        page.set_viewport_size(size)
        for theme, rules in THEMES.items():
            page.emulate_media(color_scheme=theme)
            # What a sticky header half covers would count as small.
            page.evaluate("scrollTo(0, 0)")
            yield f"{size['width']} px, {theme}", rules


def _overflow(page: Page) -> list[str]:
    over = page.evaluate(OVERFLOW)
    return [f"scrolls sideways by {over} px"] if over > 0 else []


def keep(page: Page, name: str) -> None:
    """A picture to look at, where somebody asks for pictures."""
    if folder := os.environ.get("SLUICE_PAGE_PICTURES"):
        path = Path(folder) / f"{'-'.join(re.findall('[a-z0-9]+', name))}.png"
        page.screenshot(path=path, full_page=not page.locator("dialog[open]").count())
