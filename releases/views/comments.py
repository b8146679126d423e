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
from releases.views.comment_threads import Thread, line_comments_of, thread
from releases.views.filters import person_of, whole_number
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
    """The thread of one line, named by `path`, `side` and `line`; a POST adds to it first."""
    release, asked = load(request, pk), _anchor(request)
    more: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        said: dict[str, Any] = {
            "by": person_of(request),
            "origin": Origin.of(request),
            "text": _text(request),
        }
        try:
            write_comment(release, **said, path=asked.path, side=asked.side, line=asked.line)
        except InvalidInput as problem:
            more, status = {"typed": _text(request), "problem": str(problem)}, 422
    shown = _thread(request, release, asked)
    page = {"release": release, "thread": shown, **more}
    return render(request, "releases/_line_comments.html", page, status=status)


@require_POST
def remove_comment(request: HttpRequest, pk: int, comment_pk: int) -> HttpResponse:
    release = load(request, pk)
    related = Comment.objects.select_related("release__function__environment", "author")
    found = get_object_or_404(related, pk=comment_pk, release=release)
    take_comment_back(found, by=person_of(request), origin=Origin.of(request))
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "releases/_comment.html", {"comment": found, "release": release})
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
    given = request.POST if request.method == "POST" else request.GET
    path, side = given.get("path", ""), given.get("side", "")
    line = whole_number(given.get("line", ""))
    if not 0 < len(path) <= LONGEST_PATH or side not in LineSide.values or not line:
        raise Http404("There is no such line.")
    return Asked(path, side, line)


def _thread(request: HttpRequest, release: Release, asked: Asked) -> Thread:
    said = line_comments_of(release)
    return thread(release, person_of(request), asked.path, asked.side, asked.line, said)


def _text(request: HttpRequest) -> str:
    return request.POST.get("text", "")
