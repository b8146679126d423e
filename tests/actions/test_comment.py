"""Comment: who may, on what, and what the history keeps of it."""

import hashlib

import pytest

from accounts.models import User
from releases.actions.comment import comment
from releases.errors import InvalidInput, NotAllowed
from releases.models import AuditEvent, Comment, Release
from releases.models.comments import LONGEST_TEXT
from releases.states import ReleaseState
from tests.factories import ReleaseFactory
from tests.world import HERE

pytestmark = pytest.mark.django_db


@pytest.fixture
def release() -> Release:
    return ReleaseFactory.create(state=ReleaseState.AWAITING_APPROVAL, round_number=2)


def test_it_is_kept_as_typed_with_the_round_of_then(release: Release, developer: User) -> None:
    comment(release, by=developer, origin=HERE, text="  **Why** 429?\r\nAsk ops. ")
    kept = Comment.objects.get()
    assert (kept.text, kept.round_number) == ("**Why** 429?\nAsk ops.", 2)
    assert (kept.author, kept.path, kept.side, kept.line) == (developer, "", "", None)


@pytest.mark.parametrize("who", ["developer", "manager", "security", "admin"])
def test_who_takes_part_comments(
    release: Release, who: str, request: pytest.FixtureRequest
) -> None:
    assert comment(release, by=request.getfixturevalue(who), origin=HERE, text="Fine.").pk


@pytest.mark.parametrize("who", ["viewer", "auditor"])
def test_who_reads_along_does_not(
    release: Release, who: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(NotAllowed, match=f"You read along as {who}"):
        comment(release, by=request.getfixturevalue(who), origin=HERE, text="Fine.")
    assert not Comment.objects.exists()
    event = AuditEvent.objects.get(action="release.refused")
    assert event.sentence.startswith(f"{who} was not allowed to comment on {release.reference}")


@pytest.mark.parametrize("state", [ReleaseState.QUEUED, ReleaseState.REJECTED])
def test_a_release_is_talked_about_in_every_state(manager: User, state: ReleaseState) -> None:
    release = ReleaseFactory.create(state=state)
    assert comment(release, by=manager, origin=HERE, text="Learned something.").pk


def test_the_history_says_where_and_keeps_the_hash_alone(release: Release, manager: User) -> None:
    comment(release, by=manager, origin=HERE, text="A secret", path="src/a.py", side="new", line=12)
    event = AuditEvent.objects.get(action="release.commented")
    name = release.function.name
    assert event.sentence == (
        f"manager commented on {release.reference} of {name} (line 12 of src/a.py)"
    )
    assert event.data["text_sha256"] == hashlib.sha256(b"A secret").hexdigest()
    assert "A secret" not in str(event.data)


@pytest.mark.parametrize("text", ["", "  \n ", "\x00"])
def test_nothing_is_no_comment(release: Release, manager: User, text: str) -> None:
    with pytest.raises(InvalidInput, match="Write something"):
        comment(release, by=manager, origin=HERE, text=text)


def test_the_longest_comment_and_one_character_more(release: Release, manager: User) -> None:
    assert comment(release, by=manager, origin=HERE, text="x" * LONGEST_TEXT).pk
    with pytest.raises(InvalidInput, match="at most 10,000 characters"):
        comment(release, by=manager, origin=HERE, text="x" * (LONGEST_TEXT + 1))


@pytest.mark.parametrize(
    "anchor",
    [
        {"path": "a.py"},
        {"side": "new", "line": 1},
        {"path": "a.py", "side": "both", "line": 1},
        {"path": "a" * 1025, "side": "new", "line": 1},
    ],
)
def test_half_a_line_is_refused(
    release: Release, manager: User, anchor: dict[str, str | int]
) -> None:
    with pytest.raises(InvalidInput):
        comment(release, by=manager, origin=HERE, text="Here.", **anchor)  # type: ignore[arg-type]
    assert not Comment.objects.exists()
