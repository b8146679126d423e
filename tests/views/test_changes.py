"""What a release changes, as its page shows it: the tree, and what was not compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from releases.models import Artifact, AuditEvent, Comparison
from tests.views.packages import compared, edited, file, get, many, stored
from tests.views.scenes import a_release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_kept")]


def test_the_page_lists_what_differs_and_loads_lines_later(browser: Client) -> None:
    text = get(browser, edited())
    assert "1 file changed" in text
    assert text.count('class="diff-file"') == 3
    assert 'changes/?n=0">app.py' in text
    assert "1 unchanged" in text
    assert "line ten" not in text


def test_the_head_tells_how_many_lines_change(browser: Client) -> None:
    new, old = stored({"a.py": b"2\n"}), stored({"a.py": b"1\n"})
    lines = {"added": 120, "removed": 14, "uncounted": 2}
    text = get(browser, compared(old, new, counts={"lines": lines}))
    assert ">+120</b>" in text and ">\u221214</b>" in text
    assert "2 large files not counted" in text


def test_the_choice_is_remembered(browser: Client) -> None:
    release = edited()
    get(browser, release, view="split", whitespace="ignore")
    text = get(browser, release)
    assert "view=split&amp;whitespace=ignore" in text
    assert "diff-split" in file(browser, release, "app.py")


@pytest.mark.parametrize("page", ["", "file/", "lines/", "more/", "tree/"])
def test_whoever_is_not_signed_in_sees_nothing(client: Client, page: str) -> None:
    answer = client.get(f"/releases/{edited().pk}/changes/{page}", {"path": "app.py"})
    assert answer.status_code == 302 and "/accounts/login/" in answer.headers["Location"]


@pytest.mark.parametrize("page", ["file/", "lines/", "more/", "tree/"])
def test_before_it_is_compared_there_is_nothing(browser: Client, page: str) -> None:
    release = edited()
    release.rounds.update(comparison=Comparison.WAITING)
    answer = browser.get(f"/releases/{release.pk}/changes/{page}?path=app.py&from=0&count=1")
    assert answer.status_code == 404


@pytest.mark.parametrize("page", ["file/", "lines/", "more/", "tree/"])
def test_a_page_that_asks_for_a_part_meanwhile_is_given_nothing(browser: Client, page: str) -> None:
    """It hears that the release is compared anew, and is made anew itself."""
    release = edited()
    release.rounds.update(comparison=Comparison.WAITING)
    query = "path=app.py&from=0&count=1"
    answer = browser.get(
        f"/releases/{release.pk}/changes/{page}?{query}", headers={"HX-Request": "true"}
    )
    assert (answer.status_code, answer.content) == (204, b"")
    elsewhere = browser.get(f"/releases/999/changes/{page}?{query}", headers={"HX-Request": "true"})
    assert elsewhere.status_code == 404


def test_a_section_of_a_file_that_is_no_longer_changed_is_given_nothing(browser: Client) -> None:
    address = f"/releases/{edited().pk}/changes/file/?path=gone.py"
    assert browser.get(address).status_code == 404
    assert browser.get(address, headers={"HX-Request": "true"}).status_code == 204


def test_while_it_is_compared_the_page_says_so(browser: Client) -> None:
    release = a_release()
    release.rounds.update(comparison_problem="AWS was busy")
    text = get(browser, release)
    assert "being compared with what is live" in text and "AWS was busy" in text


def test_a_problem_has_its_reason_and_a_button(browser: Client) -> None:
    release = a_release()
    release.rounds.update(comparison=Comparison.FAILED, comparison_problem="No access.")
    assert "No access." in get(browser, release)
    browser.post(f"/releases/{release.pk}/compare-again/")
    assert release.rounds.get().comparison == Comparison.WAITING


def test_a_viewer_may_not_have_it_compared_again(
    client_for: Callable[[User], Client], viewer: User
) -> None:
    release = a_release()
    release.rounds.update(comparison=Comparison.FAILED)
    visitor = client_for(viewer)
    assert visitor.post(f"/releases/{release.pk}/compare-again/").status_code == 403
    assert AuditEvent.objects.filter(action="release.refused").exists()


def test_with_nothing_live_every_file_is_added(browser: Client) -> None:
    text = get(browser, compared(None, stored({"app.py": b"a\n"})))
    assert text.count('class="diff-file"') == 1 and "added" in text


def test_the_same_code_has_no_files(browser: Client) -> None:
    same = stored({"app.py": b"a\n"})
    assert "no file differs" in get(browser, compared(same, same))


def test_an_image_has_its_digests(browser: Client) -> None:
    digest = "ab" * 32
    image = Artifact.objects.create(kind="image", sha256=digest, code_sha256=digest, size=1)
    sides = {
        "old": {"digest": "sha256:cd", "tag": "v1", "layers": [["sha256:1", 5], ["sha256:2", 5]]},
        "new": {"digest": f"sha256:{digest}", "tag": "v1", "layers": [["sha256:1", 5]]},
    }
    text = get(browser, compared(None, image, counts=sides))
    assert f"sha256:{digest}" in text and "it names another image now" in text
    assert text.count('<code class="break">sha256:') >= 4


def test_a_package_that_was_lost_is_said(browser: Client, artifact_store: Any) -> None:
    release = edited()
    for path in artifact_store.rglob("*.manifest.json"):
        path.unlink()
    assert "no longer in Sluice" in get(browser, release)


def test_the_open_page_is_left_alone_until_the_comparison_moves_on(browser: Client) -> None:
    release = edited()
    round_ = release.rounds.get()
    shown = f"{round_.pk}.done.0"
    assert 'id="part-changes"' not in get(browser, release, "_live/", compared=shown)
    assert 'id="part-changes"' in get(browser, release, "_live/", compared=f"{round_.pk}.waiting.0")


def test_two_thousand_files_open_in_under_600_kb(browser: Client) -> None:
    release = many(2_000)
    text = get(browser, release)
    assert len(text.encode()) < 600_000
    assert text.count('class="diff-file"') == 50
    following = get(browser, release, "changes/more/", **{"from": "1950"})
    assert following.count('class="diff-file"') == 50 and "changes/more/" not in following


def test_the_rest_of_a_larger_tree_comes_in_pieces(browser: Client) -> None:
    release = many(2_100)
    assert "more files</span>" in get(browser, release)
    rest = get(browser, release, "changes/tree/", **{"from": "2000"})
    assert 'changes/?n=2099"' in rest and "more files" not in rest


def test_the_number_of_queries_does_not_grow_with_the_files(
    browser: Client, django_assert_max_num_queries: Any
) -> None:
    release = many(300)
    with django_assert_max_num_queries(41):
        get(browser, release)
    with django_assert_max_num_queries(36):
        get(browser, release)
    with django_assert_max_num_queries(12):
        file(browser, release, "package00/part0/module0000.py")


def test_the_dashboard_says_what_a_release_changes(browser: Client) -> None:
    compared(stored({"a": b"1"}), stored({"a": b"2"}), summary="1 file changed; memory 1 → 2 MB")
    assert "1 file changed; memory 1 → 2 MB" in browser.get("/").content.decode()
