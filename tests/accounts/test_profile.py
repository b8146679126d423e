"""The profile: a theme without a flash, and times on one's own clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from releases.models import AuditEvent, Release
from releases.states import ReleaseState
from tests.views.scenes import a_release

ADDRESS = "/accounts/profile/"


def save(own: Client, theme: str = "dark", time_zone: str = "Asia/Tokyo") -> Any:
    return own.post(ADDRESS, {"theme": theme, "time_zone": time_zone})


def html_of(own: Client, address: str = ADDRESS) -> str:
    found = re.search(r"<html[^>]*>", own.get(address).content.decode())
    assert found
    return found[0]


@pytest.fixture
def release(somebody: User) -> Release:
    """Made in the evening in London, which is the next morning in Tokyo."""
    made = a_release(ReleaseState.AWAITING_APPROVAL)
    at = datetime(2024, 5, 6, 20, 11, 12, tzinfo=UTC)
    Release.objects.filter(pk=made.pk).update(created_at=at)
    return made


def test_the_theme_comes_with_the_page(own: Client, somebody: User) -> None:
    assert "data-theme" not in html_of(own)
    save(own)
    assert 'data-theme="dark"' in html_of(own)
    somebody.refresh_from_db()
    assert somebody.theme == "dark"


def test_it_is_told_with_what_it_was(own: Client) -> None:
    save(own)
    event = AuditEvent.objects.latest("pk")
    assert event.sentence == "somebody changed their profile: theme dark, time zone Asia/Tokyo"
    assert event.before == {"theme": "system", "time_zone": "UTC"}
    count = AuditEvent.objects.count()
    save(own)
    assert AuditEvent.objects.count() == count


def test_the_button_changes_only_the_theme_and_leads_back(own: Client, somebody: User) -> None:
    sent = {"Referer": "http://testserver/audit/?q=late"}
    done = own.post(f"{ADDRESS}theme/", {"theme": "light"}, headers=sent)
    assert done.headers["Location"] == "/audit/?q=late"
    somebody.refresh_from_db()
    assert (somebody.theme, somebody.time_zone) == ("light", "UTC")


@pytest.mark.parametrize(
    "path", ["//evil.example.com/", "///evil.example.com", "//evil.example.com:80/x"]
)
def test_the_button_leads_to_no_other_site(own: Client, path: str) -> None:
    sent = {"Referer": f"http://testserver{path}"}
    done = own.post(f"{ADDRESS}theme/", {"theme": "light"}, headers=sent)
    assert done.headers["Location"] == "/"


@pytest.mark.parametrize("theme", ["", "pink", '"><script>'])
def test_no_other_theme_is_kept(own: Client, somebody: User, theme: str) -> None:
    assert save(own, theme=theme).status_code == 422
    own.post(f"{ADDRESS}theme/", {"theme": theme})
    somebody.refresh_from_db()
    assert somebody.theme == "system"


def test_times_are_on_ones_own_clock(own: Client, release: Release) -> None:
    address = f"/releases/{release.pk}/"
    assert "2024-05-06 20:11:12 UTC" in own.get(address).content.decode()
    save(own)
    page = own.get(address).content.decode()
    assert "2024-05-07 05:11:12 JST" in page
    assert "Times are Asia/Tokyo" in page


def test_the_history_stays_in_utc(own: Client) -> None:
    save(own)
    event = AuditEvent.objects.latest("pk")
    page = own.get("/audit/").content.decode()
    assert f"{event.at:%Y-%m-%d %H:%M:%S.%f} UTC" in page
    assert "Times are UTC" in page


def test_a_zone_is_found_however_it_is_typed(own: Client, somebody: User) -> None:
    save(own, time_zone="europe/berlin")
    somebody.refresh_from_db()
    assert somebody.time_zone == "Europe/Berlin"


@pytest.mark.parametrize("zone", ["", "Mars/Base", "../../etc/passwd", "UTC\u202e"])
def test_what_is_no_zone_is_said_and_kept_in_the_form(own: Client, zone: str) -> None:
    answer = save(own, time_zone=zone)
    assert answer.status_code == 422
    assert re.search(r'<input[^>]*value="dark"[^>]* checked', answer.content.decode())


def test_a_zone_that_went_out_of_use_is_utc(own: Client, somebody: User, release: Release) -> None:
    User.objects.filter(pk=somebody.pk).update(time_zone="Mars/Base")
    page = own.get(f"/releases/{release.pk}/").content.decode()
    assert "2024-05-06 20:11:12 UTC" in page


def test_notifications_are_said_to_come(own: Client) -> None:
    assert "They are to come." in own.get(ADDRESS).content.decode()


def test_the_button_of_a_page_that_answers_a_form_leads_to_the_page_before(own: Client) -> None:
    before = {"Referer": "http://testserver/functions/"}
    refused = own.post("/people/invite/", {}, headers=before)
    assert refused.status_code == 403
    assert '<input type="hidden" name="next" value="/functions/">' in refused.content.decode()
    here = {"Referer": "http://testserver/people/1/take/"}
    chosen = {"theme": "dark", "next": "/functions/"}
    done = own.post("/accounts/profile/theme/", chosen, headers=here)
    assert done.headers["Location"] == "/functions/"
    for elsewhere in ("https://evil.example/", "//evil.example"):
        done = own.post("/accounts/profile/theme/", chosen | {"next": elsewhere}, headers=here)
        assert done.headers["Location"] == "/people/1/take/"
