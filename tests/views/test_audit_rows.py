"""How events are shown: what one click caused folded, what changed side by side, names as links."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from releases.audit import Named, Origin, record
from releases.models import AuditEvent
from releases.views.audit_rows import Change, changes
from tests.factories import FunctionFactory, ReleaseFactory

pytestmark = pytest.mark.django_db


def one_click(by: User) -> list[AuditEvent]:
    """A change of settings and what followed, as one request writes it."""
    release, click = ReleaseFactory.create(), Origin()
    cause = record(
        "function.changed", by=by, origin=click, function=release.function, changes="approvals",
        before={"approvals": 1, "live_alias": "live"}, after={"approvals": 2, "live_alias": "live"},
        about=[Named("version", 7, "42")], aws_request_ids=["8a1c-77"],
    )  # fmt: skip
    lapsed = record(
        "release.approvals_lapsed", by=by, origin=click, release=release, reason="settings"
    )
    opened = record("release.round_opened", by=by, origin=click, release=release, round=2)
    return [cause, lapsed, opened]


def test_what_one_click_caused_is_one_line_with_its_cause_first(
    browser: Client, manager: User
) -> None:
    before = record("person.signed_in", by=manager)
    cause, *followed = one_click(manager)
    answer = browser.get("/audit/")
    lines = [(line.lead, line.followed) for line in answer.context["lines"][:2]]
    assert lines == [(cause, followed), (before, [])]
    page = answer.content.decode()
    assert "and 2 more" in page
    assert f"/audit/?request={cause.request_id}" in page


def test_all_that_a_click_caused_stands_line_by_line(browser: Client, manager: User) -> None:
    record("person.signed_in", by=manager)
    events = one_click(manager)
    lines = browser.get(f"/audit/?request={events[0].request_id}").context["lines"]
    assert [line.lead for line in lines] == events[::-1]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": 1}, {"a": 2}, [Change("a", "changed", "1", "2")]),
        ({}, {"a": "x"}, [Change("a", "added", "", "x")]),
        ({"a": None}, None, [Change("a", "removed", "null", "")]),
        (
            {"a": [1], "b": True},
            {"a": [1], "b": False},
            [Change("b", "changed", "true", "false"), Change("a", "same", "[1]", "[1]")],
        ),
        (None, None, []),
    ],
)
def test_changes_are_told_by_name(
    before: dict[str, object] | None, after: dict[str, object] | None, found: list[Change]
) -> None:
    assert changes(before, after) == found


def test_an_event_shows_what_changed_in_words_and_ids_to_copy(
    browser: Client, manager: User
) -> None:
    one_click(manager)
    page = browser.get("/audit/").content.decode()
    assert "<del>1</del>" in page and "<ins>2</ins>" in page
    assert 'Approvals <span class="faint">changed</span>' in page
    assert 'data-copy="8a1c-77"' in page
    assert "<dt>Version</dt>" in page


def test_the_same_lines_stand_on_the_pages_of_a_release_and_a_function(
    browser: Client, manager: User
) -> None:
    cause, lapsed, _ = one_click(manager)
    function = browser.get(f"/functions/{cause.function_id}/").content.decode()
    assert "and 2 more" in function
    assert f"/audit/?function={cause.function_name}&amp;env=production" in function
    release = browser.get(f"/releases/{lapsed.release_id}/").content.decode()
    assert "and 1 more" in release
    assert f"/audit/?release=R-{lapsed.release_id}" in release


def test_a_person_has_a_page_with_what_they_did(
    client_for: Callable[[User], Client], viewer: User, manager: User
) -> None:
    done = record("function.read", by=manager, function=FunctionFactory.create(), found="nothing")
    record("person.signed_in", by=viewer)
    manager.first_name = "Ines"
    manager.save()
    answer = client_for(viewer).get(f"/people/{manager.pk}/")
    assert [line.lead for line in answer.context["lines"]] == [done]
    page = answer.content.decode()
    assert "<h1>Ines</h1>" in page and "Release manager" in page
    assert "/audit/?who=Ines" in page
    assert f'href="/people/{manager.pk}/"' in client_for(viewer).get("/audit/").content.decode()


def test_what_others_did_meanwhile_stands_beside_a_click_and_not_in_it(
    browser: Client, manager: User, viewer: User
) -> None:
    release, click = ReleaseFactory.create(), Origin()
    cause = record("release.queued", by=manager, origin=click, release=release)
    other = record("person.signed_in", by=viewer)
    followed = record("release.approved", by=None, origin=click, release=release)
    lines = browser.get("/audit/").context["lines"]
    mine = [(line.lead, line.followed) for line in lines if line.lead.pk >= cause.pk]
    assert mine == [(other, []), (cause, [followed])]
