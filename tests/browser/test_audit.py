"""The history in a browser: a bar clicked, a view kept, a fold opened, a file exported."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import expect

from releases.audit import Origin, record
from releases.models import AuditEvent
from tests.browser.pages import PHONE, WIDE, problems
from tests.browser.people import People
from tests.history import at
from tests.world import World


def history(world: World) -> list[AuditEvent]:
    """One click that changed a function, and what came of it."""
    world.add()
    click, by = Origin(address="192.0.2.7"), world.people["manager"]
    cause = record(
        "function.changed", by=by, origin=click, function=world.function, changes="approvals",
        before={"approvals": 1, "old": "x"}, after={"approvals": 2, "live_alias": "live"},
        aws_request_ids=["8a1c-77"],
    )  # fmt: skip
    opened = record(
        "function.read", by=by, origin=click, function=world.function, found="nothing new"
    )
    return [cause, opened]


def test_a_filter_is_clicked_kept_opened_and_exported(
    world: World, sign_in: People, tmp_path: Path
) -> None:
    cause, opened = history(world)
    # Within the hour: the sealer runs, and what claims to be older would be named on the page.
    with at(cause.at - timedelta(minutes=50)):
        record("function.changed", by=None, function=world.function, changes="a name")
    page = sign_in("manager", "/audit/?action=function.changed")
    page.get_by_role("link", name="1 event").last.click()
    page.wait_for_url("**from=**")
    expect(page.locator("#filter-from")).not_to_have_value("")
    expect(page.get_by_text(cause.sentence)).to_be_visible()
    expect(page.get_by_text("Sluice changed the settings")).to_have_count(0)

    page.get_by_text("Save this filter as a view").click()
    page.get_by_label("Name of the view").fill("Settings")
    page.get_by_role("button", name="Save the view").click()
    page.goto("/audit/")
    page.get_by_role("link", name="Settings", exact=True).click()
    expect(page.locator("#filter-action")).to_have_value("function.changed")

    page.goto(f"/audit/?function={world.function.name}")
    page.get_by_text("and 1 more").click()
    expect(page.get_by_text(opened.sentence)).to_be_visible()
    expect(page.locator("ins", has_text="2").first).to_be_visible()

    page.get_by_role("button", name="as CSV").click()
    download = page.get_by_role("button", name="Download the file")
    expect(download).to_be_visible(timeout=60_000)
    with page.expect_download() as waiting:
        download.click()
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    assert file.suffix == ".csv"
    with file.open(newline="") as lines:
        ids = [int(row["id"]) for row in csv.DictReader(lines)]
    function = AuditEvent.objects.filter(function_name=world.function.name)
    assert ids == list(function.order_by("-at", "-pk").values_list("pk", flat=True))


def test_pages_of_the_history_pass_axe(world: World, sign_in: People) -> None:
    cause, _ = history(world)
    page = sign_in("manager", f"/audit/?function={cause.function_name}")
    page.get_by_text("Save this filter as a view").click()
    page.get_by_label("Name of the view").fill("Settings")
    page.get_by_role("button", name="Save the view").click()
    expect(page.get_by_role("link", name="Settings", exact=True)).to_be_visible()
    page.get_by_text("and 1 more").click()
    found = problems(page, "history", WIDE, PHONE)
    edit = page.get_by_role("link", name="Change or remove the view Settings").get_attribute("href")
    for name, address in {
        "view": edit or "", "person": f"/people/{cause.actor_id}/",
        "function": f"/functions/{cause.function_id}/",
    }.items():  # fmt: skip
        page.goto(address)
        found += problems(page, name, WIDE, PHONE)
    page.goto("/audit/")
    page.get_by_role("button", name="as JSON Lines").click()
    expect(page.get_by_role("button", name="Download the file")).to_be_visible(timeout=60_000)
    page.get_by_text("What its columns mean").click()
    assert found + problems(page, "export", WIDE, PHONE) == []
