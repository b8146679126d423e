"""Events as text that leaves Sluice: CSV and JSON Lines, written in batches of bounded memory."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db.models import Q, QuerySet

from releases.models import AuditEvent, ExportFormat

BATCH = 2_000
# Name and meaning of each column, in order; JSON Lines has the same names.
COLUMNS: dict[str, str] = {
    "id": "The number of the event",
    "at": "When it happened, in UTC",
    "actor_id": "The number of the person; empty for Sluice itself",
    "actor_name": "Who did it, as they were called then",
    "actor_role": "Their role then",
    "action": "What was done: a registered name",
    "sentence": "What was done, in words",
    "release_id": "1042 for R-1042",
    "function_id": "The number of the function in Sluice",
    "function_name": "Its name in AWS",
    "environment_id": "The number of the environment in Sluice",
    "environment_name": "Its name then",
    "objects_named": "What else the sentence speaks of: kind, id and name, as JSON",
    "data": "The parts of the sentence, as JSON",
    "before": "What settings were, by name, as JSON",
    "after": "What they became, by name, as JSON",
    "aws_request_ids": "The ids under which AWS support finds what was asked of it, as JSON",
    "request_id": "The same for all that one click caused",
    "address": "Where the click came from",
    "user_agent": "The browser it came from",
}
JSON_COLUMNS = ("objects_named", "data", "before", "after", "aws_request_ids")
# What makes a spreadsheet take a text for a formula and run it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def batches(events: QuerySet[AuditEvent], *, size: int = BATCH) -> Iterator[list[AuditEvent]]:
    """All of `events`, newest first, a batch at a time.

    Each batch is a short query of its own, from where the last one ended: no transaction stays
    open for minutes, and neither side ever holds more than a batch.
    """
    rest = events
    while batch := list(rest[:size]):
        yield batch
        if len(batch) < size:
            return
        at, pk = batch[-1].at, batch[-1].pk
        rest = events.filter(Q(at__lt=at) | Q(pk__lt=pk), at__lte=at)


def header(format: str) -> bytes:
    return _csv([list(COLUMNS)]) if format == ExportFormat.CSV else b""


def written(batch: Iterable[AuditEvent], format: str) -> bytes:
    return WRITERS[ExportFormat(format)](batch)


def _json_lines(batch: Iterable[AuditEvent]) -> bytes:
    rows = (json.dumps(_row(event), ensure_ascii=False, default=str) for event in batch)
    return "".join(f"{row}\n" for row in rows).encode()


def _csv_rows(batch: Iterable[AuditEvent]) -> bytes:
    return _csv([_cells(event) for event in batch])


def _csv(rows: Iterable[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _row(event: AuditEvent) -> dict[str, Any]:
    row = {name: getattr(event, name) for name in COLUMNS}
    return row | {"at": f"{event.at:%Y-%m-%dT%H:%M:%S.%fZ}"}


def _cells(event: AuditEvent) -> list[str]:
    row = _row(event)
    for name in JSON_COLUMNS:
        row[name] = None if row[name] is None else json.dumps(row[name], ensure_ascii=False)
    return [_cell(value) for value in row.values()]


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


WRITERS: dict[ExportFormat, Callable[[Iterable[AuditEvent]], bytes]] = {
    ExportFormat.CSV: _csv_rows,
    ExportFormat.JSON_LINES: _json_lines,
}
