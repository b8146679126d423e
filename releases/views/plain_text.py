"""Text that PostgreSQL cannot hold is refused; what turns the text around it is spelled out."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict

NUL = "\x00"
# With these a sentence reads as another one. No page of ours has any of its own.
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Any of them begins so in UTF-8, and little else does.
FIRST_BYTES = (b"\xe2\x80", b"\xe2\x81")


class PlainTextMiddleware:
    """Answers 400 to a NUL in the address or a form. No browser sends one by itself.

    As the last one to look before the view, so that whoever is signed out is asked to sign in.

    On pages each bidirectional control is its escape, whoever wrote it and wherever: people,
    AWS, the identity provider. Files keep it, for they hold what was recorded to the byte.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_page = response.get("Content-Type", "").startswith("text/html")
        if is_page and not response.streaming:
            response.content = _spelled_out(response.content)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        # POST is empty for a package, which is a PUT: its body stays unread here.
        if NUL in request.path_info or _has_nul(request.GET) or _has_nul(request.POST):
            raise BadRequest("The request holds a NUL character, which no text has.")


def _has_nul(fields: QueryDict) -> bool:
    return any(NUL in name or NUL in "".join(texts) for name, texts in fields.lists())


def _spelled_out(page: bytes) -> bytes:
    if not any(each in page for each in FIRST_BYTES):
        return page
    text = page.decode(errors="surrogateescape")
    spelled = TURNING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return spelled.encode(errors="surrogateescape")
