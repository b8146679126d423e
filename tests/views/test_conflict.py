"""The conflict, laid out on the release page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from releases.models import Function, Release, Version
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


@pytest.fixture
def text(client_for: ClientFor, manager: User, release: Release) -> str:
    return client_for(manager).get(f"/releases/{release.pk}/").content.decode()


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


def test_lapsed_approvals_are_named(text: str, second_manager: User) -> None:
    lapsed = text.split('id="lapsed-title"')[1].split("</section>")[0]
    assert second_manager.name in lapsed


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


def test_the_dashboard_says_it_in_the_same_words(
    client_for: ClientFor, manager: User, release: Release
) -> None:
    assert "Changed in AWS: Memory changed from 128 to 512" in (
        client_for(manager).get("/").content.decode()
    )
