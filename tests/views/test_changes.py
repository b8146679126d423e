"""What a release changes, as the release page and the pages of single files show it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from accounts.models import User
from releases.models import Artifact, AuditEvent, Comparison, Release, Round
from releases.packages.inspect import inspect
from releases.packages.intake import receive
from releases.packages.store import artifacts
from releases.views.compared import _block, _numbers, _tree
from tests.packages.zips import zip_of
from tests.views.scenes import a_release

pytestmark = pytest.mark.django_db
LINES = [f"line {number}" for number in range(1, 41)]
EDITED = [*LINES[:9], "line ten", *LINES[10:]]


@pytest.fixture
def browser(client_for: Callable[[User], Client], manager: User) -> Client:
    return client_for(manager)


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """The caches go by content, and the tests' packages are alike."""
    _tree.cache_clear()
    _numbers.cache_clear()
    _block.cache_clear()
    caches["diffs"].clear()


def stored(files: dict[str, bytes], **more: Any) -> Artifact:
    """A package in the store, inspected."""
    data, store = zip_of(files, **more), artifacts()
    received = receive([data], directory=store.incoming_directory(), limit=1 << 30)
    store.put(received)
    store.put_manifest(received.sha256, inspect(BytesIO(data), size=len(data)))
    code = base64.b64encode(bytes.fromhex(received.sha256)).decode()
    return Artifact.objects.create(
        kind="zip", sha256=received.sha256, code_sha256=code, size=len(data)
    )


def compared(old: Artifact | None, new: Artifact, **fields: Any) -> Release:
    """A release whose comparison is done."""
    base = {"kind": "alias", "version": "1", "weights": {}, "configuration": {"MemorySize": 128}}
    baseline = base | {"code_sha256": old.code_sha256} if old else {"kind": "none", "weights": {}}
    release = a_release(artifact=new, parts={"baseline": baseline})
    done = {"comparison": Comparison.DONE, "summary": "1 file changed", "counts": {}}
    Round.objects.filter(release=release).update(**done | fields)
    return release


def text_of(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def edited() -> Release:
    old = stored({"app.py": text_of(LINES), "gone.txt": b"x\n", "same.txt": b"same\n"})
    new = stored({"app.py": text_of(EDITED), "new.txt": b"y", "same.txt": b"same\n"})
    return compared(old, new)


def get(browser: Client, release: Release, page: str = "", **query: str) -> str:
    answer = browser.get(f"/releases/{release.pk}/{page}", query)
    assert answer.status_code == 200
    return answer.content.decode()


def file(browser: Client, release: Release, path: str, **query: str) -> str:
    return get(browser, release, "changes/file/", path=path, **query)


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


def test_a_file_shows_its_lines_with_numbers_and_signs(browser: Client) -> None:
    release = edited()
    text = file(browser, release, "app.py")
    assert f'href="/releases/{release.pk}/changes/?path=app.py#n10"' in text
    assert f'href="/releases/{release.pk}/changes/?path=app.py#o10"' in text
    assert '<td class="sg">+</td>' in text and '<td class="sg">\u2212</td>' in text
    assert "<mark" in text
    assert "Show 6 unchanged lines" in text and "Show 27 unchanged lines" in text


def test_a_fold_opens(browser: Client) -> None:
    release = edited()
    where = {"path": "app.py", "from": "0", "count": "6"}
    text = get(browser, release, "changes/lines/", **where)
    assert text.count("<tr") == 6
    assert "#n6" in text and "#n7" not in text


def test_a_long_fold_opens_in_pieces(browser: Client) -> None:
    lines = [str(number) for number in range(2_000)]
    old, new = (stored({"a.txt": text_of([*lines, end])}) for end in ("x", "y"))
    where = {"path": "a.txt", "from": "0", "count": "1997"}
    text = get(browser, compared(old, new), "changes/lines/", **where)
    assert text.count("<tr") == 501
    assert "Show 1497 unchanged lines" in text


def test_side_by_side(browser: Client) -> None:
    text = file(browser, edited(), "app.py", view="split")
    assert "diff-split" in text
    assert text.count("data-change") == 1


def test_the_choice_is_remembered(browser: Client) -> None:
    release = edited()
    get(browser, release, view="split", whitespace="ignore")
    text = get(browser, release)
    assert "view=split&amp;whitespace=ignore" in text
    assert "diff-split" in file(browser, release, "app.py")


def test_nonsense_in_the_address_is_the_default(browser: Client) -> None:
    assert "diff-split" not in file(browser, edited(), "app.py", view="<script>")


def test_whitespace_can_be_ignored(browser: Client) -> None:
    old, new = stored({"a.py": b"a = 1\n"}), stored({"a.py": b"a  =  1\n"})
    release = compared(old, new)
    assert "<mark" in file(browser, release, "a.py")
    assert "which is ignored" in file(browser, release, "a.py", whitespace="ignore")


def test_a_missing_line_end_is_said(browser: Client) -> None:
    assert "No newline at end of file" in file(browser, edited(), "new.txt")


def test_a_binary_file_is_compared_by_size_and_hash(browser: Client) -> None:
    old, new = stored({"a.bin": b"\0\1"}), stored({"a.bin": b"\0\2\3"})
    text = file(browser, compared(old, new), "a.bin")
    assert "Binary file" in text and text.count("SHA-256") >= 2


def test_renames_and_modes_are_said(browser: Client) -> None:
    old = stored({"a.py": b"a\n", "run": b"r\n"})
    new = stored({"b.py": b"a\n", "run": b"r\n"}, modes={"run": 0o100755})
    release = compared(old, new)
    assert "Renamed from a.py" in file(browser, release, "b.py")
    assert "from 0644 to 0755" in file(browser, release, "run")


def test_a_minified_file_is_shown_when_asked_for(browser: Client) -> None:
    old, new = stored({"a.js": b"x" * 9_000}), stored({"a.js": b"y" * 9_000})
    release = compared(old, new)
    first = file(browser, release, "a.js")
    assert "Minified" in first and "Show anyway" in first
    assert "y" * 9_000 in file(browser, release, "a.js", anyway="1")


def test_an_archive_inside_is_a_list_of_its_files(browser: Client) -> None:
    inner = [zip_of({"com/x.txt": text, "same": b"s"}) for text in (b"1\n", b"2\n")]
    old, new = (stored({"lib/app.jar": each}) for each in inner)
    release = compared(old, new)
    assert "com/x.txt" in file(browser, release, "lib/app.jar")
    page = get(browser, release, "changes/", path="lib/app.jar!/com/x.txt")
    assert 'id="n1"' in page and 'id="o1"' in page


def test_a_file_has_a_page_of_its_own_with_its_lines(browser: Client) -> None:
    release = edited()
    text = get(browser, release, "changes/", path="app.py")
    assert 'id="n10"' in text and 'href="#n10"' in text
    assert 'id="n1"' not in text
    assert "Next: gone.txt" in text
    assert 'id="n1"' in get(browser, release, "changes/", path="app.py", all="1")


def test_a_number_leads_to_the_page_of_its_file(browser: Client) -> None:
    release = edited()
    answer = browser.get(f"/releases/{release.pk}/changes/?n=2")
    assert answer.headers["Location"] == f"/releases/{release.pk}/changes/?path=new.txt"


@pytest.mark.parametrize(
    "path", ["same.txt", "none", "../../etc/passwd", "/etc/passwd", "app.py!/x", ""]
)
def test_only_what_differs_in_the_round_is_read(browser: Client, path: str) -> None:
    release = edited()
    answer = browser.get(f"/releases/{release.pk}/changes/file/", {"path": path})
    assert answer.status_code == 404


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


def many(count: int) -> Release:
    def files(text: bytes) -> dict[str, bytes]:
        return {f"package{n % 40:02}/part{n % 7}/module{n:04}.py": text for n in range(count)}

    return compared(stored(files(b"a = 1\n")), stored(files(b"a = 2\n")))


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
    with django_assert_max_num_queries(36):
        get(browser, release)
    with django_assert_max_num_queries(32):
        get(browser, release)
    with django_assert_max_num_queries(12):
        file(browser, release, "package00/part0/module0000.py")


def test_the_dashboard_says_what_a_release_changes(browser: Client) -> None:
    compared(stored({"a": b"1"}), stored({"a": b"2"}), summary="1 file changed; memory 1 → 2 MB")
    assert "1 file changed; memory 1 → 2 MB" in browser.get("/").content.decode()
