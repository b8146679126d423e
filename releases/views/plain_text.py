"""Text that PostgreSQL cannot hold is refused before any view sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict

NUL = "\x00"


class PlainTextMiddleware:
    """Answers 400 to a NUL in the address or a form. No browser sends one by itself.

    As the last one to look before the view, so that whoever is signed out is asked to sign in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        # POST is empty for a package, which is a PUT: its body stays unread here.
        if NUL in request.path_info or _has_nul(request.GET) or _has_nul(request.POST):
            raise BadRequest("The request holds a NUL character, which no text has.")


def _has_nul(fields: QueryDict) -> bool:
    return any(NUL in name or NUL in "".join(texts) for name, texts in fields.lists())
