"""Exports of the history: asking for one, how far it is, and its file."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from functools import partial
from typing import IO

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from releases import policy
from releases.actions.export_audit import export_audit, hand_out
from releases.audit import Origin
from releases.audit.export import COLUMNS
from releases.audit.search import Search
from releases.errors import InvalidInput
from releases.models import AuditExport, ExportFormat
from releases.views.filters import person_of

CHUNK = 65_536
TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.JSON_LINES: "application/x-ndjson",
}


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Export what the form's `query` finds, and lead to the page that shows how far it is."""
    search = Search.of_query(request.POST.get("query", ""), person_of(request))
    try:
        found = export_audit(
            search,
            format=request.POST.get("format", ""),
            by=person_of(request),
            origin=Origin.of(request),
        )
    except InvalidInput as error:
        messages.error(request, f"Nothing was exported: {error}")
        return redirect(f"{reverse('releases:audit')}?{search.query}")
    return redirect("releases:audit_export", found.pk)


@require_GET
def export(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """How far it is; the part fetches itself again every second until it is over."""
    found = _found(pk)
    policy.require(policy.can_download_export(person_of(request), found))
    context = {
        "export": found,
        "search": Search.of_query(found.query, person_of(request)),
        "columns": COLUMNS,
    }
    part = request.headers.get("HX-Request")
    return render(request, "audit/_export.html" if part else "audit/export.html", context)


@require_POST
def download(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The file, in chunks as they are read from the store. A POST, as it is recorded."""
    found = _found(pk)
    try:
        file = hand_out(found, by=person_of(request), origin=Origin.of(request))
    except InvalidInput as error:
        messages.error(request, str(error))
        return redirect("releases:audit_export", found.pk)
    answer = StreamingHttpResponse(_chunks(file), content_type=TYPES[ExportFormat(found.format)])
    answer["Content-Disposition"] = f'attachment; filename="{found.file_name}"'
    answer["Content-Length"] = str(found.size)
    return answer


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        yield from iter(partial(file.read, CHUNK), b"")


def _found(pk: uuid.UUID) -> AuditExport:
    return get_object_or_404(AuditExport.objects.select_related("person"), pk=pk)
