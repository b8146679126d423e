"""The conflict, laid out on the release page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from releases.models import CodeComparison, Comparison, Function, Release, Version
from releases.states import ReleaseState
from tests.factories import FunctionFactory
from tests.views.scenes import a_release, approved_by, snapshot

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


@pytest.fixture
def release(second_manager: User) -> Release:
    """Staged, approved, then changed by somebody: more memory, one environment key more."""
    function = FunctionFactory.create(gate="stage_first", live_version=1)
    found = a_release(
        ReleaseState.CONFLICT, function=function, error_message="MemorySize changed from 128 to 512"
    )
    assert found.artifact
    staged = snapshot(found, "revision-of-ours")
    Release.objects.filter(pk=found.pk).update(staged=staged)
    Function.objects.filter(pk=function.pk).update(
        latest_code_sha256=found.artifact.code_sha256,
        latest_revision_id="revision-of-theirs",
        latest_configuration={"MemorySize": 512, "Environment": {"DEBUG": "c" * 64}},
    )
    Version.objects.create(
        function=function, number=1, code_sha256="live-code", configuration={"MemorySize": 128}
    )
    approved_by(found, second_manager)
    return found


_text: list[str] = []


@pytest.fixture
def text(request: pytest.FixtureRequest) -> str:
    """The page of that release, asked for once: who takes it only reads."""
    if not _text:
        client_for, manager, release = map(
            request.getfixturevalue, ("client_for", "manager", "release")
        )
        _text.append(client_for(manager).get(f"/releases/{release.pk}/").content.decode())
    return _text[0]


def test_it_says_what_moved_and_that_nothing_was_published(text: str) -> None:
    assert "Memory changed from 128 to 512" in text
    assert "Nothing was published." in text


def test_approved_now_and_live_stand_side_by_side(text: str) -> None:
    assert "revision-of-ours" in text
    assert "revision-of-theirs" in text
    assert "live-code" in text
    assert "code identical" in text


def test_only_what_differs_is_listed(text: str) -> None:
    moved = text.split('id="moved-title"')[1].split("</section>")[0]
    assert "512 MB" in moved
    assert "<code>DEBUG</code>" in moved
    assert "hmac cccc cccc" in moved
    assert moved.count('<th scope="row"') == 2


def test_lapsed_approvals_are_named(text: str) -> None:
    lapsed = text.split('id="lapsed-title"')[1].split("</section>")[0]
    assert "second-manager" in lapsed


def test_three_ways_on_and_none_is_the_primary_one(text: str) -> None:
    choices = text.split('id="choose"')[1].split('<div class="cols')[0]
    for way in ("Stage again", "Adopt and review", "Cancel the release"):
        assert way in choices
    assert "btn-primary" not in choices


def test_who_may_not_choose_reads_why(
    client_for: ClientFor, viewer: User, release: Release
) -> None:
    page = client_for(viewer).get(f"/releases/{release.pk}/").content.decode()
    assert "not possible: Only release managers or its requester resolve its conflict" in page


def test_a_live_alias_that_moved_is_marked(
    client_for: ClientFor, manager: User, release: Release
) -> None:
    Function.objects.update(live_version=7)
    page = client_for(manager).get(f"/releases/{release.pk}/").content.decode()
    row = page.split("Callers run")[1].split("</tr>")[0]
    assert "v7" in row
    assert "differs" in row


def test_only_live_moved_is_said_as_that(
    client_for: ClientFor, manager: User, release: Release
) -> None:
    assert release.artifact
    Function.objects.update(live_version=7, latest_configuration={"MemorySize": 128})
    page = client_for(manager).get(f"/releases/{release.pk}/").content.decode()
    moved = page.split('id="moved-title"')[1].split("</section>")[0]
    assert "What callers run moved" in moved
    assert "and is v7 now" in moved
    assert "0 settings" not in moved
    assert "The code to be released is the same as before." in page


def test_the_package_stands_in_the_table_before_it_is_staged(
    client_for: ClientFor, manager: User, release: Release
) -> None:
    assert release.artifact
    checked = snapshot(release, "revision-of-check", code_sha256="code-before")
    release.rounds.update(checked=checked)
    Release.objects.update(staged=None)
    Function.objects.update(latest_code_sha256="code-before")
    page = client_for(manager).get(f"/releases/{release.pk}/").content.decode()
    table = page.split('id="compare-title"')[1].split("</table>")[0]
    assert f"the package of {release.reference}, not staged yet" in table
    assert table.index(release.artifact.code_sha256) < table.index("code-before")
    again = page.split("Stage mine again on top")[1].split("</div>")[0]
    assert "is overwritten" in again


def test_the_configuration_of_before_does_not_contradict_the_table(text: str) -> None:
    assert "hidden" in text.split('id="part-configuration"')[1].split(">")[0]


def test_adopting_asks_once_more_and_says_what_follows(text: str) -> None:
    assert 'data-confirm="adopt-dialog"' in text
    dialog = text.split('id="adopt-dialog"')[1]
    assert "You become an author of this release" in dialog


def files_of(client_for: ClientFor, person: User, release: Release) -> str:
    page = client_for(person).get(f"/releases/{release.pk}/").content.decode()
    return page.split('id="files-title"')[1].split("</section>")[0]


@pytest.fixture
def code_moved(release: Release) -> Release:
    """Somebody put other code there, too."""
    Function.objects.update(latest_code_sha256="their-code")
    return release


def test_where_the_code_is_as_approved_no_file_differs(
    client_for: ClientFor, viewer: User, release: Release
) -> None:
    files = files_of(client_for, viewer, release)
    approved, live = files.split("<dt>")[1:]
    assert "Approved → now in AWS" in approved and "The same code" in approved
    assert "Live → now in AWS" in live and "being compared" in live


def test_the_first_look_has_both_compared_once(
    client_for: ClientFor, viewer: User, code_moved: Release
) -> None:
    assert files_of(client_for, viewer, code_moved).count("being compared") == 2
    files_of(client_for, viewer, code_moved)
    assert code_moved.artifact
    assert set(CodeComparison.objects.values_list("old_sha256", "new_sha256")) == {
        (code_moved.artifact.code_sha256, "their-code"),
        ("live-code", "their-code"),
    }


def test_what_differs_in_files_is_counted_and_linked(
    client_for: ClientFor, viewer: User, code_moved: Release
) -> None:
    files_of(client_for, viewer, code_moved)
    CodeComparison.objects.update(comparison=Comparison.DONE, summary="2 files changed, 1 added")
    approved, live = files_of(client_for, viewer, code_moved).split("<dt>")[1:]
    row = CodeComparison.objects.exclude(old_sha256="live-code").get()
    assert "2 files changed, 1 added" in approved
    assert f'href="/comparisons/{row.pk}/"' in approved
    page = f"/functions/{code_moved.function_id}/compare/"
    assert f'href="{page}?old=1&amp;new=%24LATEST"' in live


def test_files_that_cannot_be_had_are_said_with_the_reason(
    client_for: ClientFor, viewer: User, code_moved: Release
) -> None:
    files_of(client_for, viewer, code_moved)
    CodeComparison.objects.update(
        comparison=Comparison.FAILED, comparison_problem="AWS holds it no longer."
    )
    assert "AWS holds it no longer." in files_of(client_for, viewer, code_moved)


def test_without_an_alias_live_is_what_is_there(
    client_for: ClientFor, viewer: User, code_moved: Release
) -> None:
    Function.objects.update(gate="review_first", live_alias="", live_version=None)
    assert "Live → now" not in files_of(client_for, viewer, code_moved)


def test_the_files_cost_the_same_however_they_stand(
    client_for: ClientFor, manager: User, code_moved: Release, django_assert_max_num_queries: Any
) -> None:
    browser = client_for(manager)
    browser.get(f"/releases/{code_moved.pk}/")
    with django_assert_max_num_queries(32):
        browser.get(f"/releases/{code_moved.pk}/")
    CodeComparison.objects.update(comparison=Comparison.DONE, summary="1 file changed")
    with django_assert_max_num_queries(32):
        browser.get(f"/releases/{code_moved.pk}/")


def choice(text: str, title: str) -> str:
    return text.split(f"<h3>{title}</h3>")[1].split("</ul>")[0]


def test_staging_first_is_staged_before_it_is_reviewed(text: str) -> None:
    again = choice(text, "Stage mine again on top")
    assert "right after the check, then have it reviewed once more" in again


def test_review_first_is_reviewed_before_it_is_staged(
    client_for: ClientFor, manager: User, release: Release
) -> None:
    Release.objects.update(gate="review_first")
    page = client_for(manager).get(f"/releases/{release.pk}/").content.decode()
    assert "over what is there, after one more review." in choice(page, "Stage mine again on top")


def test_cancelling_says_what_becomes_of_what_was_staged(
    client_for: ClientFor, manager: User, release: Release
) -> None:
    page = client_for(manager).get(f"/releases/{release.pk}/").content.decode()
    assert "Sluice has written nothing to it" in choice(page, "Cancel the release")
    Release.objects.update(before_stage=snapshot(release, "revision-of-before"))
    page = client_for(manager).get(f"/releases/{release.pk}/").content.decode()
    assert "what somebody else put there is left alone" in choice(page, "Cancel the release")


def test_adopting_without_a_package_says_whose_code_goes_live(
    client_for: ClientFor, manager: User, code_moved: Release
) -> None:
    Release.objects.update(artifact=None)
    page = client_for(manager).get(f"/releases/{code_moved.pk}/").content.decode()
    adopting = choice(page, "Adopt what is there and review it")
    assert "instead of the code that was under review" in adopting


def test_the_dashboard_says_it_in_the_same_words(
    client_for: ClientFor, manager: User, release: Release
) -> None:
    assert "Changed in AWS: Memory changed from 128 to 512" in (
        client_for(manager).get("/").content.decode()
    )
