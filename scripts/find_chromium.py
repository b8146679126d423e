"""Prints the path of a Chromium for the browser tests, installing one if that is possible.

Looks at SLUICE_CHROMIUM, the PATH, Playwright's own download, and as root at apt, in this order.
"""

# ruff: noqa: T201, S603
import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

# The first is the one without windows: the same pages, for three quarters of the work.
SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NOT_FOUND = """\
**********************************************************************
No Chromium was found, and none could be installed: the browser tests
will FAIL. Any one of these gives you one:
    sudo apt-get install chromium                 (Debian)
    .venv/bin/python -m playwright install --with-deps chromium
    export SLUICE_CHROMIUM=/path/to/chromium
`make test-fast` runs all tests that need no browser.
**********************************************************************"""


def works(path: str | None) -> bool:
    """Whether that program starts: a download may lack libraries, a snap its daemon."""
    if not path:
        return False
    try:
        done = subprocess.run(
            [path, "--version", "--no-sandbox"], capture_output=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def on_path() -> str | None:
    return next((path for path in map(shutil.which, NAMES) if works(path)), None)


def from_playwright() -> str | None:
    with sync_playwright() as playwright:
        whole = Path(playwright.chromium.executable_path)
    if not downloaded(whole):
        attempt([sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"])
    return next((path for path in downloaded(whole) if works(path)), None)


def downloaded(whole: Path) -> list[str]:
    """Playwright keeps `chromium-N/…/chrome`, and `chromium_headless_shell-N` beside it."""
    home = whole.parents[1]
    shell = home.with_name(home.name.replace("chromium-", "chromium_headless_shell-"))
    found = [*shell.glob("*/*headless*shell"), whole]
    return [str(path) for path in found if path.is_file()]


def from_apt() -> str | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    attempt(["apt-get", "update", "-q"])
    for name in (SHELL, "chromium"):
        attempt(["apt-get", "install", "-q", "-y", "--no-install-recommends", name])
        if found := on_path():
            return found
    return None


def attempt(command: list[str]) -> None:
    """Run an installer; whether it helped shows in what is there afterwards."""
    print("Trying:", *command, file=sys.stderr, flush=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(command, env=env, stdout=sys.stderr, timeout=300, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(error, file=sys.stderr)


def main() -> int:
    named = os.environ.get("SLUICE_CHROMIUM")
    if named and not works(named):
        print(f"SLUICE_CHROMIUM={named} does not start; looking further.", file=sys.stderr)
        named = None
    path = named or on_path() or from_playwright() or from_apt()
    if path is None:
        print(NOT_FOUND, file=sys.stderr)
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
