"""Two states of a function on one page: chosen, being compared, compared, not to be had."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from accounts.models import User
from releases.models import Artifact, AuditEvent, CodeComparison, Comparison, Function, Version
from releases.views.between import UnknownVersion, comparison_of
from releases.views.compared import _block, _numbers, _tree
from tests.factories import FunctionFactory
from tests.views.packages import EDITED, LINES, stored, text_of
from tests.views.scenes import a_release

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """The caches go by content, and the tests' packages are alike."""
    _tree.cache_clear()
    _numbers.cache_clear()
    _block.cache_clear()
    caches["diffs"].clear()


@pytest.fixture
def browser(client_for: ClientFor, viewer: User) -> Client:
    """Whoever may read may compare."""
    return client_for(viewer)


@pytest.fixture
def packages() -> tuple[Artifact, Artifact]:
    old = stored({"app.py": text_of(LINES), "gone.txt": b"x\n"})
    return old, stored({"app.py": text_of(EDITED), "new.txt": b"y"})


@pytest.fixture
def function(packages: tuple[Artifact, Artifact]) -> Function:
    """Version 41 is live, 42 is newer; `$LATEST` holds what 42 does."""
    made = FunctionFactory.create(
        live_version=41,
        latest_code_sha256=packages[1].code_sha256,
        latest_configuration={"MemorySize": 512, "Description": "the function's own"},
    )
    for number, artifact, memory in ((41, packages[0], 256), (42, packages[1], 512)):
        Version.objects.create(
            function=made,
            number=number,
            code_sha256=artifact.code_sha256,
            configuration={
                "MemorySize": memory,
                "Role": "arn:aws:iam::1:role/x",
                "Environment": {"TOKEN": f"{number}" * 32},
                "Description": f"R-{number} attempt",
            },
        )
    return made


def address(function: Function, old: str = "41", new: str = "42") -> str:
    return f"/functions/{function.pk}/compare/?old={old}&new={new}"


def get(browser: Client, path: str, *, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def compared(function: Function, **fields: Any) -> CodeComparison:
    """The comparison of 41 and 42, made."""
    row = comparison_of(function, 41, 42).row
    assert row
    wanted = {"comparison": Comparison.DONE, "summary": "1 file changed, 1 added, 1 removed"}
    CodeComparison.objects.filter(pk=row.pk).update(**wanted | fields)
    row.refresh_from_db()
    return row


def test_the_first_look_has_it_compared(browser: Client, function: Function) -> None:
    text = get(browser, address(function))
    row = CodeComparison.objects.get()
    assert row.comparison == Comparison.WAITING and row.comparison_enqueued_at
    assert "being compared" in text
    assert f"topics=comparison-{row.pk}" in text
    assert f"sse:comparison-{row.pk}" in text
    get(browser, address(function))
    assert CodeComparison.objects.count() == 1


def test_what_the_last_try_met_is_said(browser: Client, function: Function) -> None:
    compared(function, comparison=Comparison.WAITING, comparison_problem="AWS was busy", summary="")
    assert "AWS was busy" in get(browser, address(function))


def test_files_and_settings_are_one_sentence(browser: Client, function: Function) -> None:
    compared(function)
    text = get(browser, address(function))
    assert (
        "1 file changed, 1 added, 1 removed; memory 256 → 512 MB;"
        " environment key TOKEN changed; role unchanged"
    ) in text
    assert "Version 41 → Version 42" in text
    assert text.count('class="diff-file"') == 3
    assert "sse:comparison" not in text


def test_settings_stand_side_by_side_and_no_value_is_shown(
    browser: Client, function: Function
) -> None:
    table = get(browser, address(function)).split('id="settings"')[1]
    assert "256 MB" in table and "512 MB" in table
    assert "hmac 4141 4141" in table and "hmac 4242 4242" in table
    assert "attempt" not in table


def test_the_lines_of_a_file_have_an_address(browser: Client, function: Function) -> None:
    row = compared(function)
    text = get(browser, f"/comparisons/{row.pk}/changes/file/?path=app.py")
    assert f'href="/comparisons/{row.pk}/changes/?path=app.py#n10"' in text
    page = get(browser, f"/comparisons/{row.pk}/changes/?path=app.py")
    assert 'id="n10"' in page and "Next: gone.txt" in page
    assert f'href="/comparisons/{row.pk}/"' in page
    fold = get(browser, f"/comparisons/{row.pk}/changes/lines/?path=app.py&from=0&count=6")
    assert fold.count("<tr") == 6


def test_side_by_side_keeps_the_two_in_the_address(browser: Client, function: Function) -> None:
    compared(function)
    text = get(browser, address(function) + "&view=split")
    assert "?old=41&amp;new=42&amp;view=unified" in text.replace("&amp;amp;", "&amp;")
    assert "view=split" in text


def test_latest_is_a_side_too(browser: Client, function: Function) -> None:
    text = get(browser, address(function, "42", "$LATEST"))
    assert "Both have the same CodeSha256, so no file differs." in text
    assert "Code identical; environment key TOKEN removed; role removed" in text
    assert not CodeComparison.objects.exists()


def test_nothing_differs_is_said_in_words(browser: Client, function: Function) -> None:
    assert "Nothing differs" in get(browser, address(function, "42", "42"))


def test_people_may_write_v41(browser: Client, function: Function) -> None:
    assert "Version 41 → Version 42" in get(browser, address(function, "v41", "42"))


@pytest.mark.parametrize("old", ["7", "41x", "9" * 40, "<script>", "٤١"])
def test_a_version_that_is_not_there_is_said(browser: Client, function: Function, old: str) -> None:
    text = get(browser, address(function, old), status=404)
    assert "has no version" in text and "<script>”" not in text
    assert 'name="old"' in text


def test_without_sides_the_page_asks_for_them(browser: Client, function: Function) -> None:
    text = get(browser, f"/functions/{function.pk}/compare/")
    assert "Compare two versions" in text and '<option value="42">' in text


def test_a_function_that_is_not_there_is_404(browser: Client) -> None:
    get(browser, "/functions/99/compare/?old=1&new=2", status=404)


def test_a_package_that_cannot_be_had_is_said(browser: Client, function: Function) -> None:
    compared(function, comparison=Comparison.FAILED, comparison_problem="AWS holds it no longer.")
    text = get(browser, address(function))
    assert "AWS holds it no longer." in text and "512 MB" in text


def test_a_developer_may_try_again_and_comes_back(
    client_for: ClientFor, developer: User, function: Function
) -> None:
    row = compared(function, comparison=Comparison.FAILED, comparison_problem="No.")
    answer = client_for(developer).post(
        f"/comparisons/{row.pk}/compare-again/", {"back": address(function)}
    )
    assert answer.headers["Location"] == address(function)
    assert CodeComparison.objects.get().comparison == Comparison.WAITING


def test_back_leads_nowhere_else(
    client_for: ClientFor, developer: User, function: Function
) -> None:
    row = compared(function, comparison=Comparison.FAILED)
    answer = client_for(developer).post(
        f"/comparisons/{row.pk}/compare-again/", {"back": "https://example.com/"}
    )
    assert answer.headers["Location"] == f"/comparisons/{row.pk}/"


def test_a_viewer_reads_and_may_not_try_again(browser: Client, function: Function) -> None:
    row = compared(function, comparison=Comparison.FAILED)
    assert browser.post(f"/comparisons/{row.pk}/compare-again/").status_code == 403
    assert not AuditEvent.objects.filter(action="function.compared_again").exists()


@pytest.mark.parametrize("page", ["", "changes/", "changes/file/", "changes/lines/"])
def test_whoever_is_not_signed_in_sees_nothing(
    client: Client, function: Function, page: str
) -> None:
    answer = client.get(f"/comparisons/{compared(function).pk}/{page}?path=app.py")
    assert answer.status_code == 302 and "/accounts/login/" in answer.headers["Location"]
    assert client.get(address(function)).status_code == 302


@pytest.mark.parametrize("path", ["../../etc/passwd", "none", ""])
def test_only_what_differs_is_read(browser: Client, function: Function, path: str) -> None:
    row = compared(function)
    get(browser, f"/comparisons/{row.pk}/changes/file/?path={path}", status=404)


def test_by_content_it_says_whose_code_it_is(browser: Client, function: Function) -> None:
    row = compared(function)
    text = get(browser, f"/comparisons/{row.pk}/")
    assert "Version 41 → Version 42" in text and text.count('class="diff-file"') == 3
    assert f'href="/functions/{function.pk}/compare/?old=41&amp;new=42"' in text
    get(browser, "/comparisons/999/", status=404)


def test_a_package_that_was_never_a_version_is_called_after_its_release(
    browser: Client, function: Function, packages: tuple[Artifact, Artifact]
) -> None:
    release = a_release(function=function, artifact=packages[0])
    Version.objects.all().delete()
    row = CodeComparison.objects.create(
        function=function,
        old_sha256=packages[0].code_sha256,
        new_sha256=packages[1].code_sha256,
    )
    text = get(browser, f"/comparisons/{row.pk}/")
    assert f"Package of {release.reference} → $LATEST" in text
    assert "settings, too" not in text


def test_an_image_has_its_digests(browser: Client, function: Function) -> None:
    Function.objects.update(package_type="Image")
    sides = {
        "old": {"digest": "sha256:cd", "tag": "", "layers": [["sha256:1", 5]]},
        "new": {"digest": "sha256:ef", "tag": "", "layers": [["sha256:2", 5]]},
    }
    compared(function, counts=sides, summary="0 of 1 layers the same")
    text = get(browser, address(function))
    assert "sha256:cd" in text and "<dt>Before</dt>" in text


def test_the_function_page_offers_it(browser: Client, function: Function) -> None:
    text = get(browser, f"/functions/{function.pk}/")
    form = text.split('id="compare-form"')[1].split("</form>")[0]
    assert 'value="41"' in form and 'value="42"' in form
    assert f'action="/functions/{function.pk}/compare/"' in text
    assert f'href="/functions/{function.pk}/compare/?old=41&amp;new=42"' in text


def test_without_an_alias_live_is_latest(browser: Client, function: Function) -> None:
    Function.objects.update(live_alias="", live_version=None)
    assert "compare/?old=%24LATEST&amp;new=42" in get(browser, f"/functions/{function.pk}/")


def test_a_rollback_can_say_what_goes_back(function: Function) -> None:
    found = comparison_of(function, 42, 41)
    assert (found.state, found.sentence) == ("waiting", "")
    CodeComparison.objects.update(comparison=Comparison.DONE, summary="1 file changed")
    found = comparison_of(function, 42, "41")
    assert found.sentence.startswith("1 file changed; memory 512 → 256 MB")
    assert found.url == f"/functions/{function.pk}/compare/?old=42&new=41"
    with pytest.raises(UnknownVersion):
        comparison_of(function, 42, 7)


def test_the_number_of_queries_does_not_grow(
    browser: Client, function: Function, django_assert_num_queries: Any
) -> None:
    compared(function)
    get(browser, address(function))
    with django_assert_num_queries(2):
        assert comparison_of(function, 41, 42).sentence
    with django_assert_num_queries(9):
        get(browser, address(function))
    for number in range(43, 243):
        Version.objects.create(function=function, number=number, code_sha256=str(number))
    with django_assert_num_queries(9):
        get(browser, address(function))
