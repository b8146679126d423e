"""Releases where a test begins, and where its pages are expected to be."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import timezone
from django_rq import get_queue
from playwright.sync_api import Locator, Page, expect

from releases.models import Function, Release
from releases.pipeline import engine
from releases.states import Gate, ReleaseState
from tests.world import World, package

PATIENCE = 60.0


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.05)


def settled(release: Release, state: ReleaseState) -> Release:
    """Take the release there together with the worker, so that a test need not wait for it."""

    def is_there() -> bool:
        engine.advance(release.pk)
        release.refresh_from_db()
        return release.state == state

    until(is_there, f"{release.reference} {state}")
    return release


def at_the_gate(
    world: World,
    *,
    gate: Gate = Gate.REVIEW_FIRST,
    approvals: int = 1,
    security: int = 0,
    code: bytes | None = None,
    by: str = "developer",
    **about: Any,
) -> Release:
    """A release of checkout that waits for approval."""
    world.add(gate=gate, approvals=approvals, security=security)
    release = world.request(code or package("two"), by=by, **about)
    return settled(release, ReleaseState.AWAITING_APPROVAL)


def unseen_for_now(world: World) -> None:
    """What changes in AWS next is not found by a poll before a person clicks."""
    Function.objects.filter(pk=world.function.pk).update(polled_at=timezone.now())
    queue = get_queue(settings.QUEUE_POLL)

    def nobody_looks() -> bool:
        return not queue.count and not queue.started_job_registry.count

    until(nobody_looks, "the polls that were asked for are over")


def path_of(release: Release) -> str:
    return f"/releases/{release.pk}/"


def badge(page: Page) -> Locator:
    return page.locator(".page-title .badge")


def is_live(page: Page) -> None:
    """Wait until the page hears of changes, so that none is missed."""
    expect(page.locator("[data-live-text]")).to_have_text("Live", timeout=60_000)


def shows(page: Page, state: str) -> None:
    expect(badge(page)).to_have_text(state, timeout=60_000)


def approve(page: Page, state: str = "Waiting for approval") -> None:
    """Read the state, then click Approve, and once more where the last approval is asked for."""
    shows(page, state)
    page.locator("#act-approve").click()
    if page.locator("#approve-dialog").is_visible():
        confirm(page, "approve-dialog", "Approve")


def confirm(page: Page, dialog: str, button: str) -> None:
    page.locator(f"#{dialog}").get_by_role("button", name=button).click()
