"""Parts of the release page, as an open page fetches them again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from accounts.models import User
from releases.audit import record
from releases.models import Release
from releases.views.release import PARTS
from tests.views.scenes import a_release, fingerprint_of, worked_on

pytestmark = pytest.mark.django_db
REVIEW = (
    "part-identity",
    "part-changes",
    "part-configuration",
    "part-approvals",
    "part-decide",
    "part-about",
    "part-reviewers",
)
ALWAYS = (
    "part-head",
    "part-notices",
    "part-rail",
    "part-conflict",
    "part-schedule",
    "part-comment-list",
    "part-calls",
    "part-history",
    "part-dialogs",
)


@pytest.fixture
def browser(client_for: Callable[[User], Client], manager: User) -> Client:
    return client_for(manager)


@pytest.fixture
def release() -> Release:
    return a_release()


def part(browser: Client, release: Release, name: str, **asked: str) -> str:
    response = browser.get(f"/releases/{release.pk}/_{name}/", asked)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("name", [name for name in PARTS if name != "live"])
def test_each_part_stands_alone_under_its_id(browser: Client, release: Release, name: str) -> None:
    text = part(browser, release, name)
    assert f'id="part-{name}"' in text
    assert "<html" not in text
    assert "hx-swap-oob" not in text


def test_there_is_no_other_part(browser: Client, release: Release) -> None:
    assert browser.get(f"/releases/{release.pk}/_nothing/").status_code == 404


def test_live_brings_every_part_to_its_place(browser: Client, release: Release) -> None:
    text = part(browser, release, "live", fingerprint=fingerprint_of(release))
    for name in (*ALWAYS, *REVIEW):
        assert f'id="{name}"' in text
    assert text.count('hx-swap-oob="true"') == len(ALWAYS) + len(REVIEW)


def test_what_is_under_review_is_not_swapped_for_something_else(
    browser: Client, release: Release
) -> None:
    text = part(browser, release, "live", fingerprint="0" * 64)
    assert "This release changed while you were reading" in text
    assert "act-approve" in text
    assert 'formaction="' not in text
    for name in REVIEW:
        assert f'id="{name}"' not in text


def test_ten_calls_are_shown_then_all(browser: Client, release: Release) -> None:
    worked_on(release, calls=12)
    first = part(browser, release, "calls")
    assert first.count("<tr ") == 11
    assert "Show 2 earlier calls" in first
    everything = part(browser, release, "calls", calls="all")
    assert everything.count("<tr ") == 13
    assert 'name="calls" value="all"' in everything


def test_request_ids_and_errors_are_there(browser: Client, release: Release) -> None:
    worked_on(release, calls=1)
    release.aws_calls.update(
        status="error", http_status=412, error_name="PreconditionFailedException"
    )
    text = part(browser, release, "calls")
    assert "request-0" in text
    assert "412" in text
    assert "PreconditionFailedException" in text


def test_a_dry_run_is_told_from_a_write_and_old_calls_have_a_date(
    browser: Client, release: Release
) -> None:
    worked_on(release, calls=1)
    release.aws_calls.update(operation="UpdateFunctionCode", request={"DryRun": True})
    text = part(browser, release, "calls")
    assert '<span class="tag">dry run</span>' in text
    assert "2024-05-06 10:11:12</time>" not in text
    release.aws_calls.update(sent_at=datetime(2024, 5, 6, 10, 11, 12, tzinfo=UTC))
    assert "2024-05-06 10:11:12</time>" in part(browser, release, "calls")


def test_the_history_leads_to_the_evidence_of_the_release(
    client_for: Callable[[User], Client], auditor: User
) -> None:
    release = a_release()
    record("release.queued", by=None, release=release)
    page = client_for(auditor).get(f"/releases/{release.pk}/").content.decode()
    assert f'<a href="/evidence/releases/{release.pk}/">Evidence pack</a>' in page
