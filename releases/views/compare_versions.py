"""Any two states of a function side by side: files, and settings where both are versions."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from releases import policy
from releases.actions.compare_code import compare_code_again as have_compared_again
from releases.audit import Origin
from releases.aws.types import LATEST
from releases.errors import StaleRelease
from releases.models import Artifact, Function
from releases.views.between import Between, UnknownVersion, comparison_of, name_of
from releases.views.change_card import ChangeCard
from releases.views.diff_choice import choice_of, remember_choice
from releases.views.filters import load_function, person_of
from releases.views.finding import load_code
from releases.views.function_page import compare_form
from releases.views.sides import Side
from releases.views.subjects import code_pair, of_code


@require_safe
def compare_versions(request: HttpRequest, pk: int) -> HttpResponse:
    """From `?old=` to `?new=`, each a version's number or `$LATEST`."""
    policy.require(policy.can_view(person_of(request)))
    function = load_function(request, pk)
    old, new = (request.GET.get(name, "").strip() for name in ("old", "new"))
    if not old or not new:
        return _page(request, function, None, old=old, new=new)
    try:
        found = comparison_of(function, _number(old), _number(new))
    except UnknownVersion as problem:
        return _page(request, function, None, old=old, new=new, problem=str(problem))
    return _page(request, function, found, old=name_of(found.old), new=name_of(found.new))


@require_safe
def comparison(request: HttpRequest, pk: int) -> HttpResponse:
    """Two packages by content, wherever they were seen: what a conflict links to."""
    row = load_code(request, pk)
    old, new = (_by_content(row.function, code) for code in (row.old_sha256, row.new_sha256))
    found = Between(row.function, old, new, row)
    return _page(request, row.function, found, by_content=True)


@require_POST
def compare_code_again(request: HttpRequest, pk: int) -> HttpResponse:
    row = load_code(request, pk)
    try:
        have_compared_again(row, by=person_of(request), origin=Origin.of(request))
    except StaleRelease as problem:
        messages.info(request, str(problem))
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        return redirect(back)
    return redirect("releases:comparison", row.pk)


def _page(
    request: HttpRequest, function: Function, found: Between | None, **more: object
) -> HttpResponse:
    data = {
        "function": function,
        "found": found,
        "card": _card(request, found) if found and found.row else None,
        "here": request.get_full_path(),
        **compare_form(function),
        **more,
    }
    if found:
        names = {"old": name_of(found.old), "new": name_of(found.new)}
        data["query"] = "" if more.get("by_content") else urlencode(names) + "&"
        data["swapped"] = urlencode({"old": names["new"], "new": names["old"]})
    status = 404 if more.get("problem") else 200
    page = render(request, "functions/compare.html", data, status=status)
    return remember_choice(request, page)


def _card(request: HttpRequest, found: Between) -> ChangeCard:
    row = found.row
    assert row is not None  # noqa: S101 - asked before
    row.function = found.function
    return ChangeCard(
        of_code(row),
        row,
        code_pair(row),
        found.function.package_type == "Image",
        choice_of(request),
        policy.can_compare_code_again(person_of(request), row),
    )


def _number(name: str) -> str:
    """`v41` as people write it, and `$latest` as they remember it."""
    return LATEST if name.upper() == LATEST else name.lower().removeprefix("v")


def _by_content(function: Function, code_sha256: str) -> Side:
    """A CodeSha256 under the best name it has: a version, a package, `$LATEST`."""
    version = function.versions.filter(code_sha256=code_sha256).first()
    if version:
        return Side(f"Version {version.number}", "has this code", code_sha256)
    if code_sha256 == function.latest_code_sha256:
        return Side(LATEST, "as last read from AWS", code_sha256)
    artifact = Artifact.objects.filter(code_sha256=code_sha256).first()
    release = artifact and artifact.releases.filter(function=function).first()
    if release:
        return Side(f"Package of {release.reference}", "brought in here", code_sha256)
    return Side("Code", "as it was on $LATEST", code_sha256)
