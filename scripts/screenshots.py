"""Takes the README's pictures from a running demo: `make demo`, then `make screenshots`."""

import os
import re
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

DOCS = Path(__file__).parent.parent / "docs"
ADDRESS = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
PASSWORD = "sluice-demo"  # noqa: S105
SIZE: ViewportSize = {"width": 1440, "height": 900}
ARGS = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-background-networking"]


def signed_in(browser: Browser, username: str) -> Page:
    page = browser.new_page(
        base_url=ADDRESS, viewport=SIZE, color_scheme="light", reduced_motion="reduce"
    )
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
    return page


def first_release(page: Page, state: str) -> str:
    """The address of a release in a state, found as a person would: in the list."""
    page.goto(f"/releases/?state={state}")
    links = page.get_by_role("link", name=re.compile(r"^R-\d+"))
    return links.first.get_attribute("href") or sys.exit(f"The demo has no release in {state}.")


def main() -> None:
    """Write docs/*.png: the pages that the README shows, as the release manager sees them."""
    DOCS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("SLUICE_CHROMIUM") or None, args=ARGS
        )
        page = signed_in(browser, "manager")
        addresses = {
            "dashboard": "/",
            "release": first_release(page, "waiting"),
            "conflict": first_release(page, "attention"),
        }
        for name, address in addresses.items():
            page.goto(address)
            page.wait_for_load_state("domcontentloaded")
            page.screenshot(path=DOCS / f"{name}.png")
            print(f"docs/{name}.png")  # noqa: T201
        browser.close()


if __name__ == "__main__":
    main()
