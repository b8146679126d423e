"""Saved views of the history: one's own, those that others share, and nobody else's to change."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from releases.models import AuditEvent, AuditView

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


def save(
    client: Client, name: str, query: str = "who=Ines&action=release.approved", **more: str
) -> str:
    answer = client.post("/audit/views/", {"name": name, "query": query, **more}, follow=True)
    return answer.content.decode()


def names(client: Client) -> list[str]:
    return [row.view.name for row in client.get("/audit/").context["views"]]


def last() -> AuditEvent:
    return AuditEvent.objects.filter(action__startswith="audit.")[0]


def test_a_view_brings_its_filter_back(browser: Client) -> None:
    page = save(browser, "Approvals by Ines")
    assert "is saved" in page
    (row,) = browser.get("/audit/").context["views"]
    assert row.href == "/audit/?who=Ines&action=release.approved"
    assert 'aria-current="true">Approvals by Ines' in browser.get(row.href).content.decode()
    assert (last().action, last().data["filter"]) == (
        "audit.view_saved",
        "who Ines, action release.approved",
    )


def test_others_see_it_only_if_it_is_shared_and_then_by_whom(
    browser: Client, client_for: ClientFor, auditor: User
) -> None:
    save(browser, "Mine")
    save(browser, "Ours", is_shared="on")
    other = client_for(auditor)
    assert (names(browser), names(other)) == (["Mine", "Ours"], ["Ours"])
    assert "shared by manager" in other.get("/audit/").content.decode()


def test_nobody_changes_or_removes_the_view_of_somebody_else(
    browser: Client, client_for: ClientFor, auditor: User
) -> None:
    save(browser, "Ours", is_shared="on")
    view, other = AuditView.objects.get(), client_for(auditor)
    for path in ("", "remove/"):
        answer = other.post(f"/audit/views/{view.pk}/{path}", {"name": "Theirs"})
        assert answer.status_code == 403
        assert "This is the view of manager." in answer.content.decode()
        assert last().action == "audit.refused"
    assert other.get(f"/audit/views/{view.pk}/").status_code == 403
    assert names(browser) == ["Ours"]


def test_its_person_renames_shares_and_removes_it(browser: Client) -> None:
    save(browser, "Mine")
    view = AuditView.objects.get()
    here = f"/audit/views/{view.pk}/"
    assert "Mine" in browser.get(here).content.decode()
    browser.post(here, {"name": "Approvals", "is_shared": "on"})
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("Approvals", True)
    assert (last().before, last().after) == (
        {"name": "Mine", "is_shared": False},
        {"name": "Approvals", "is_shared": True},
    )
    browser.post(f"{here}remove/")
    assert names(browser) == []
    assert last().sentence == "manager removed the view Approvals of the history"


@pytest.mark.parametrize(
    ("name", "query", "says"),
    [
        ("Mine", "who=Ines", "You have a view of this name already."),
        ("", "who=Ines", "give it a name of up to 60 characters"),
        ("x" * 61, "who=Ines", "give it a name of up to 60 characters"),
        ("All", "before=7&nonsense=1", "Filter the history first"),
    ],
)
def test_what_is_no_view_is_refused_with_its_reason(
    browser: Client, name: str, query: str, says: str
) -> None:
    save(browser, "Mine")
    assert says in save(browser, name, query)
    assert AuditView.objects.count() == 1


def test_a_name_taken_twice_is_refused_where_it_is_typed(browser: Client) -> None:
    save(browser, "Mine")
    save(browser, "Other")
    view = AuditView.objects.get(name="Other")
    answer = browser.post(f"/audit/views/{view.pk}/", {"name": "Mine"})
    assert answer.status_code == 422
    assert "You have a view of this name already." in answer.content.decode()
