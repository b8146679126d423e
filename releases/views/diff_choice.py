"""How somebody wants to read differences: kept in the address, and in a cookie for the next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

COOKIE = "sluice_diff"
YEAR = 365 * 86_400
VIEWS = ("unified", "split")
WHITESPACE = ("show", "ignore")


@dataclass(frozen=True)
class Choice:
    view: str = "unified"
    whitespace: str = "show"

    @property
    def is_split(self) -> bool:
        return self.view == "split"

    @property
    def ignores_whitespace(self) -> bool:
        return self.whitespace == "ignore"

    @property
    def query(self) -> str:
        return urlencode({"view": self.view, "whitespace": self.whitespace})

    @property
    def other_view(self) -> Choice:
        return replace(self, view="unified" if self.is_split else "split")

    @property
    def other_whitespace(self) -> Choice:
        return replace(self, whitespace="show" if self.ignores_whitespace else "ignore")


DEFAULT = Choice()


def choice_of(request: HttpRequest) -> Choice:
    """What the address asks for, else what was chosen last; anything else is the default."""
    view, _, whitespace = request.COOKIES.get(COOKIE, "").partition(".")
    view = request.GET.get("view", view)
    whitespace = request.GET.get("whitespace", whitespace)
    return Choice(
        view if view in VIEWS else VIEWS[0],
        whitespace if whitespace in WHITESPACE else WHITESPACE[0],
    )


def remember_choice(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if request.GET.keys() & {"view", "whitespace"}:
        choice = choice_of(request)
        kept = f"{choice.view}.{choice.whitespace}"
        response.set_cookie(
            COOKIE, kept, max_age=YEAR, secure=request.is_secure(), httponly=True, samesite="Lax"
        )
    return response
