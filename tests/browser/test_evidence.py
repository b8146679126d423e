"""An auditor asks what went live today, and takes the proof of a release away."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import expect

from releases.evidence.written import CHECKER
from releases.states import ReleaseState
from tests.browser.pages import PHONE, SMALLEST, WIDE, problems, sideways
from tests.browser.people import People
from tests.browser.scenes import at_the_gate, settled
from tests.sealing import seal_all
from tests.world import World


def test_from_the_dashboard_to_a_pack_that_holds(
    world: World, sign_in: People, tmp_path: Path
) -> None:
    release = at_the_gate(world)
    world.approve(release)
    settled(release, ReleaseState.RELEASED)
    page = sign_in("auditor")
    page.get_by_role("link", name="Evidence of a day").click()
    line = page.get_by_role("row").filter(has_text=release.reference)
    expect(line).to_contain_text("manager")
    line.get_by_role("link", name="Pack").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(release.reference)
    seal_all()
    page.reload()
    expect(page.get_by_text("of this pack: as sealed")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download with its proof").click()
    pack = tmp_path / download.value.suggested_filename
    download.value.save_as(pack)
    ran = subprocess.run([sys.executable, CHECKER, pack], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout


def test_both_pages_pass_axe_and_print_without_the_shell(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    world.approve(release)
    settled(release, ReleaseState.RELEASED)
    seal_all()
    page, found = sign_in("auditor", "/evidence/"), []
    for address in ("/evidence/", f"/evidence/releases/{release.pk}/"):
        page.goto(address)
        found += problems(page, f"evidence {address}", WIDE, PHONE)
        found += sideways(page, address, SMALLEST)
    assert found == []
    page.emulate_media(media="print", color_scheme="dark")
    for shell in (".topbar", ".foot", "form.actions"):
        expect(page.locator(shell)).to_be_hidden()
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(255, 255, 255)"
