"""What changes in one file: its lines, its folds, and what cannot be shown as lines."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.packages.zips import zip_of
from tests.views.packages import compared, edited, file, get, stored, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_kept")]


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
