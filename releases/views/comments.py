"""Commenting on a release and on a line of it, and taking one's own comment back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from releases.actions.comment import comment as write_comment
from releases.actions.remove_comment import remove_comment as take_comment_back
from releases.audit import Origin
from releases.errors import InvalidInput
from releases.models import Comment, LineSide, Release
from releases.numbers import whole_number
from releases.views.filters import person_of
from releases.views.line_threads import Present, line_threads
from releases.views.release import context, load

LONGEST_PATH = 1024


@require_POST
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something about the release. With htmx only the card's list and form come back."""
    release = load(request, pk)
    said: dict[str, Any] = {
        "by": person_of(request),
        "origin": Origin.of(request),
        "text": _text(request),
    }
    try:
        written = write_comment(release, **said)
    except InvalidInput as problem:
        return _not_yet(request, release, problem)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "releases/_commented.html", context(request, release))
    return redirect(f"{reverse('releases:release', args=[pk])}#comment-{written.pk}")


@require_http_methods(["GET", "POST"])
def line_comments(request: HttpRequest, pk: int) -> HttpResponse:
    """The threads of all lines, or of one `file`'s, for the page to lay over the difference.

    A POST adds to the line named by `path`, `side` and `line` first.
    """
    release = load(request, pk)
    if request.method == "POST":
        asked = _anchor(request)
        said: dict[str, Any] = {
            "by": person_of(request),
            "origin": Origin.of(request),
            "text": _text(request),
        }
        try:
            write_comment(release, **said, path=asked.path, side=asked.side, line=asked.line)
        except InvalidInput as problem:
            # For the form that is open in the browser: it has what was typed.
            return HttpResponse(str(problem), status=422, content_type="text/plain; charset=utf-8")
    threads = line_threads(release, person_of(request), file=request.GET.get("file", ""))
    if request.method == "GET" and request.GET.get("said") == threads.token:
        return HttpResponse(status=204)
    page = {"release": release, "threads": threads}
    return render(request, "changes/_threads.html", page)


@require_POST
def remove_comment(request: HttpRequest, pk: int, comment_pk: int) -> HttpResponse:
    release = load(request, pk)
    related = Comment.objects.visible_to(person_of(request)).select_related(
        "release__function__environment", "author"
    )
    found = get_object_or_404(related, pk=comment_pk, release=release)
    take_comment_back(found, by=person_of(request), origin=Origin.of(request))
    if request.htmx:  # type: ignore[attr-defined]
        is_gone = Present(release, release.rounds.all()).is_gone(found)
        page = {"comment": found, "release": release, "is_gone": is_gone}
        page["in_thread"] = "thread" in request.GET
        return render(request, "releases/_comment.html", page)
    return redirect(f"{reverse('releases:release', args=[pk])}#comment-{found.pk}")


def _not_yet(request: HttpRequest, release: Release, problem: InvalidInput) -> HttpResponse:
    typed = {"typed": _text(request), "comment_problem": str(problem)}
    name = "_comment_form" if request.htmx else "release"  # type: ignore[attr-defined]
    page = context(request, release, **typed)
    return render(request, f"releases/{name}.html", page, status=422)


@dataclass(frozen=True)
class Asked:
    path: str
    side: str
    line: int


def _anchor(request: HttpRequest) -> Asked:
    """Raises Http404 for what is no line: nobody types these addresses."""
    given = request.POST
    path, side = given.get("path", ""), given.get("side", "")
    line = whole_number(given.get("line", ""))
    if not 0 < len(path) <= LONGEST_PATH or side not in LineSide.values or not line:
        raise Http404("There is no such line.")
    return Asked(path, side, line)


def _text(request: HttpRequest) -> str:
    return request.POST.get("text", "")
