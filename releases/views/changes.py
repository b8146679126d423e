"""What changes between two packages: sections as they are reached, and a page for each file.

Only what `of` finds is ever opened: the packages of a release's present round, or those of a
comparison that somebody asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from releases.actions.compare_again import compare_again as have_compared_again
from releases.audit import Origin
from releases.errors import StaleRelease
from releases.packages.errors import PackageError
from releases.views.change_list import nodes, sections
from releases.views.compared import NotInStore, Pair, find
from releases.views.diff_cache import kept
from releases.views.diff_choice import choice_of, remember_choice
from releases.views.file_diff import ShownFile, shown_file, unfolded_part
from releases.views.filters import person_of
from releases.views.finding import Find, NoFiles, find_release
from releases.views.line_threads import line_threads
from releases.views.release import load
from releases.views.subjects import Subject

T = TypeVar("T")
View = Callable[..., HttpResponse]


def if_still_there(view: View) -> View:
    """A part of a page. One that is asked for while all is compared anew is nothing: its page is
    told, and made anew as well."""

    @wraps(view)
    def answered(request: HttpRequest, pk: int, of: Find = find_release) -> HttpResponse:
        try:
            return view(request, pk, of)
        except NoFiles:
            if getattr(request, "htmx", False):
                return HttpResponse(status=HTTPStatus.NO_CONTENT)
            raise

    return answered


@require_safe
def changes(request: HttpRequest, pk: int, of: Find = find_release) -> HttpResponse:
    """One file on a page of its own, by `path` or by its number `n` in the list."""
    subject, pair = of(request, pk)
    path = request.GET.get("path", "")
    if not path:
        return _to_page_of(request, subject, pair)
    number = _or_404(lambda: pair.number_of(path))
    listed = pair.tree.changes
    around = {
        "previous": listed[number - 1] if number else None,
        "following": listed[number + 1] if number + 1 < len(listed) else None,
    }
    page: dict[str, Any] = {
        "subject": subject,
        "release": subject.release,
        "path": path,
        "path_query": urlencode({"path": path}) + "&",
        "number": number + 1,
        "count": len(listed),
        "choice": choice_of(request),
        "body": _file(request, subject, pair, path, alone=True),
        "is_unfolded": "all" in request.GET,
        **around,
    }
    if subject.release:
        page["threads"] = line_threads(subject.release, person_of(request), file=path)
    return remember_choice(request, render(request, "changes/file.html", page))


def _to_page_of(request: HttpRequest, subject: Subject, pair: Pair) -> HttpResponse:
    number = request.GET.get("n", "")
    if not number:
        return redirect(subject.home)
    listed = pair.tree.changes
    if not number.isdecimal() or int(number) >= len(listed):
        raise NoFiles("There is no such file in this difference.")
    query = urlencode({"path": listed[int(number)].path})
    return redirect(f"{subject.changes}?{query}")


@require_safe
@if_still_there
def change_file(request: HttpRequest, pk: int, of: Find = find_release) -> HttpResponse:
    """The rows of one file, for its section on the release page."""
    subject, pair = of(request, pk)
    path = request.GET.get("path", "")
    return HttpResponse(_file(request, subject, pair, path, alone=False))


@require_safe
@if_still_there
def change_lines(request: HttpRequest, pk: int, of: Find = find_release) -> HttpResponse:
    """The rows of a fold, or the first of them."""
    subject, pair = of(request, pk)
    path, choice = request.GET.get("path", ""), choice_of(request)
    start, count = _number(request, "from"), _number(request, "count")
    anyway = "anyway" in request.GET
    whitespace = choice.ignores_whitespace

    def rows() -> SafeString:
        found = find(pair, path, anyway=True, ignore_whitespace=whitespace)
        if found.diff.lines is None:
            raise KeyError(path)
        part, rest = unfolded_part(path, found.diff.lines, start, count)
        parts = [part, rest] if rest else [part]
        return _rendered("changes/_rows.html", subject, path, choice=choice, parts=parts,
                         in_fold=True, anyway=anyway)  # fmt: skip

    key = ("lines", subject.changes, pair, path, choice, start, count, anyway)
    return HttpResponse(_or_404(lambda: kept(key, rows)))


@require_safe
@if_still_there
def more_changes(request: HttpRequest, pk: int, of: Find = find_release) -> HttpResponse:
    """The next sections, as the reader comes to the end of those that are there."""
    subject, pair = of(request, pk)
    data = {
        "subject": subject,
        "choice": choice_of(request),
        "listing": sections(_or_404(lambda: pair.tree), _number(request, "from")),
    }
    return render(request, "changes/_sections.html", data)


@require_safe
@if_still_there
def more_nodes(request: HttpRequest, pk: int, of: Find = find_release) -> HttpResponse:
    """The next rows of the tree."""
    subject, pair = of(request, pk)
    tree = _or_404(lambda: nodes(pair, _number(request, "from")))
    return render(request, "changes/_nodes.html", {"subject": subject, "tree": tree})


@require_POST
def compare_again(request: HttpRequest, pk: int) -> HttpResponse:
    release, user = load(request, pk), request.user
    assert isinstance(user, User)  # noqa: S101
    try:
        have_compared_again(release, by=user, origin=Origin.of(request))
    except StaleRelease as problem:
        messages.info(request, str(problem))
    return redirect(reverse("releases:release", args=[pk]) + "#part-changes")


def _file(
    request: HttpRequest, subject: Subject, pair: Pair, path: str, *, alone: bool
) -> SafeString:
    choice = choice_of(request)
    unfolded = "all" in request.GET
    anyway = unfolded or "anyway" in request.GET

    def rendered(file: ShownFile | None, problem: str = "") -> SafeString:
        return _rendered("changes/_file.html", subject, path, choice=choice, file=file,
                         problem=problem, alone=alone, anyway=anyway)  # fmt: skip

    def body() -> SafeString:
        found = find(pair, path, anyway=anyway, ignore_whitespace=choice.ignores_whitespace)
        return rendered(shown_file(path, found, split=choice.is_split, unfolded=unfolded))

    try:
        return kept(("file", subject.changes, pair, path, choice, alone, unfolded, anyway), body)
    except KeyError:
        raise NoFiles("There is no such file in this difference.") from None
    except (PackageError, NotInStore) as error:
        return rendered(None, str(error))


def _rendered(template: str, subject: Subject, path: str, **data: Any) -> SafeString:
    query = urlencode({"path": path})
    data |= {
        "subject": subject,
        "release": subject.release,
        "path": path,
        "page": f"{subject.changes}?{query}",
        "page_query": query,
    }
    return mark_safe(render_to_string(template, data))  # noqa: S308


def _or_404(read: Callable[[], T]) -> T:
    try:
        return read()
    except (KeyError, NotInStore):
        raise NoFiles("There is no such file in this difference.") from None


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    if not text.isdecimal() or len(text) > 9:
        raise Http404(f"“{name}” is not a number.")
    return int(text)
