"""Remove a comment: by its author alone, once; that it was there stays."""

import pytest

from accounts.models import User
from releases.actions.comment import comment
from releases.actions.remove_comment import remove_comment
from releases.errors import NotAllowed, StaleRelease
from releases.models import AuditEvent, Comment
from tests.factories import ReleaseFactory
from tests.world import HERE

pytestmark = pytest.mark.django_db


@pytest.fixture
def written(developer: User) -> Comment:
    return comment(ReleaseFactory.create(), by=developer, origin=HERE, text="Never mind")


def test_its_author_removes_it(written: Comment, developer: User) -> None:
    remove_comment(written, by=developer, origin=HERE)
    kept = Comment.objects.get()
    assert (kept.text, kept.author) == ("", developer) and kept.removed_at


def test_the_history_says_so(written: Comment, developer: User) -> None:
    remove_comment(written, by=developer, origin=HERE)
    event = AuditEvent.objects.get(action="release.comment_removed")
    assert event.sentence.startswith("developer removed their comment on R-")
    assert event.data["comment"] == written.pk


@pytest.mark.parametrize("who", ["second_developer", "manager", "admin"])
def test_nobody_else_does(written: Comment, who: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(NotAllowed, match="Only its author"):
        remove_comment(written, by=request.getfixturevalue(who), origin=HERE)
    assert Comment.objects.get().text == "Never mind"
    assert AuditEvent.objects.filter(action="release.refused").exists()


def test_a_second_click_changes_nothing(written: Comment, developer: User) -> None:
    other_tab = Comment.objects.get(pk=written.pk)
    remove_comment(written, by=developer, origin=HERE)
    for stale in (written, other_tab):
        with pytest.raises(StaleRelease, match="removed"):
            remove_comment(stale, by=developer, origin=HERE)
    assert AuditEvent.objects.filter(action="release.comment_removed").count() == 1
