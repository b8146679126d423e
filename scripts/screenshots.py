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


def releases(page: Page, state: str, words: str) -> str:
    """The address of the newest release in a state that says `words`, found in the list."""
    page.goto(f"/releases/?state={state}")
    row = page.get_by_role("row").filter(has_text=words).first
    link = row.get_by_role("link", name=re.compile(r"^R-\d+"))
    return link.get_attribute("href") or sys.exit(f"The demo has no release that is {words}.")


def take(page: Page, name: str) -> None:
    page.screenshot(path=DOCS / f"{name}.png")
    print(f"docs/{name}.png")  # noqa: T201


def main() -> None:
    """Write docs/*.png: the pages that the README shows, as the release manager sees them."""
    DOCS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("SLUICE_CHROMIUM") or None, args=ARGS
        )
        page = signed_in(browser, "manager")
        page.goto("/")
        take(page, "dashboard")
        # The release that people talk about; as much of its page as shows the difference.
        page.set_viewport_size({"width": 1440, "height": 1250})
        page.goto(releases(page, "waiting", "checkout-api"))
        page.locator("table.diff").first.wait_for()
        page.wait_for_load_state("networkidle")
        take(page, "release")
        page.goto("/board/")
        take(page, "board")
        page.set_viewport_size(SIZE)
        page.goto(releases(page, "attention", "Conflict"))
        take(page, "conflict")
        page.goto("/")
        row = page.get_by_role("row").filter(has_text="invoice-renderer").first
        row.get_by_role("link", name="Roll back").or_(row.get_by_role("button")).first.click()
        page.get_by_role("dialog").get_by_label("Reason").fill("Totals are off by a cent.")
        page.get_by_role("dialog").get_by_text("Looked at just now").wait_for()
        take(page, "rollback")
        browser.close()


if __name__ == "__main__":
    main()
