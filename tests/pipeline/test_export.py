"""Exports of the history: complete, in order, in bounded memory, and gone after a day."""

from __future__ import annotations

import csv
import json
import tracemalloc
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from releases import queues
from releases.actions.export_audit import export_audit
from releases.audit import Origin, record
from releases.audit.export import COLUMNS, batches
from releases.audit.search import Search
from releases.models import AuditEvent, AuditExport, ExportState
from releases.pipeline import export as exporting
from releases.pipeline.recover import recover
from tests import roles
from tests.factories import FunctionFactory

pytestmark = pytest.mark.django_db(transaction=True)
MANY = """
INSERT INTO releases_auditevent (
    at, actor_name, actor_role, action, sentence, function_name, environment_name, objects_named,
    data, aws_request_ids, request_id, user_agent
) SELECT now() - interval '1 second' * (number / 3), 'Sluice', '', 'step.done',
    'A step is done ' || repeat('x', 1000), '', '', '[]', '{}', '{}', gen_random_uuid(), ''
FROM generate_series(1, %s) AS number
"""


def many(count: int) -> None:
    # As the owner, who alone may say when: three at a time are of one moment.
    roles.owner().execute(MANY, [count])


def asked(by: User, format: str = "csv", **filters: str) -> AuditExport:
    return export_audit(Search.of(filters, by), format=format, by=by, origin=Origin())


def exported(export: AuditExport) -> AuditExport:
    exporting.write(str(export.pk))
    export.refresh_from_db()
    return export


def text_of(export: AuditExport, store: Path) -> str:
    assert export.state == ExportState.DONE, export.problem
    return (store / export.stored_name).read_text()


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "batches", partial(batches, size=7))


def test_rows_are_complete_and_in_order(
    auditor: User, artifact_store: Path, small_batches: None
) -> None:
    many(50)
    expected = list(AuditEvent.objects.order_by("-at", "-pk").values_list("pk", flat=True))
    lines = text_of(exported(asked(auditor, "jsonl")), artifact_store).splitlines()
    assert [json.loads(line)["id"] for line in lines] == expected
    rows = list(csv.DictReader(text_of(exported(asked(auditor)), artifact_store).splitlines()))
    assert list(rows[0]) == list(COLUMNS)
    assert [int(row["id"]) for row in rows][-50:] == expected


def test_only_what_the_filter_finds_is_written(auditor: User, artifact_store: Path) -> None:
    many(3)
    wanted = record("function.read", by=auditor, function=FunctionFactory.create(), found="x")
    export = exported(asked(auditor, "jsonl", who=auditor.name, action="function.read"))
    row = json.loads(text_of(export, artifact_store))
    assert (row["id"], row["sentence"], row["data"]) == (wanted.pk, wanted.sentence, {"found": "x"})
    assert (export.event_count, export.size) == (1, len(json.dumps(row)) + 1)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_spreadsheet_takes_no_text_for_a_formula(
    auditor: User, artifact_store: Path, start: str
) -> None:
    record("person.signed_in", by=auditor, origin=Origin(user_agent=f"{start}HYPERLINK(1)"))
    export = exported(asked(auditor, action="person.signed_in"))
    with (artifact_store / export.stored_name).open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["user_agent"] == f"'{start}HYPERLINK(1)"


def test_memory_is_bounded_by_the_batch(
    auditor: User, artifact_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(6_000)
    monkeypatch.setattr(exporting, "batches", partial(batches, size=100))
    export = asked(auditor)
    tracemalloc.start()
    exported(export)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert export.size is not None and export.size > 6_000_000
    assert peak < 2_000_000


def test_progress_is_seen_while_it_is_written(
    auditor: User, artifact_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(20)
    export, seen = asked(auditor), []

    def watched(events: Any) -> Any:
        for batch in batches(events, size=8):
            yield batch
            seen.append(AuditExport.objects.get(pk=export.pk).done_count)

    monkeypatch.setattr(exporting, "batches", watched)
    exported(export)
    assert seen == [8, 16, 20]
    assert export.event_count == 20


def test_asking_and_its_end_are_events_with_filter_and_count(auditor: User) -> None:
    many(2)
    export = exported(asked(auditor, action="step.done"))
    written, exporting_began = AuditEvent.objects.filter(action__startswith="audit.")[:2]
    assert exporting_began.sentence == (
        "auditor exported the history as CSV, filtered by: action step.done"
    )
    assert written.sentence == "An export of 2 events is ready for auditor"
    assert written.objects_named == [{"kind": "export", "id": None, "name": str(export.pk)}]


def test_a_writer_that_was_given_up_for_lost_writes_nothing_more(
    auditor: User, artifact_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(5)
    export = asked(auditor)

    def overtaken(events: Any) -> Any:
        monkeypatch.undo()
        exporting.write(str(export.pk))
        yield from batches(events, size=2)

    monkeypatch.setattr(exporting, "batches", overtaken)
    exported(export)
    assert (export.state, export.attempt, export.done_count) == (ExportState.DONE, 2, 5)
    assert AuditEvent.objects.filter(action="audit.export_written").count() == 1
    assert list((artifact_store / "incoming").iterdir()) == []


def test_an_export_that_nobody_writes_is_taken_up_but_not_for_ever(auditor: User) -> None:
    export = asked(auditor)
    AuditExport.objects.update(touched_at=timezone.now() - timedelta(minutes=2))
    assert (recover(), recover()) == (1, 0)
    AuditExport.objects.update(attempt=3)
    assert exported(export).state == ExportState.FAILED
    assert "Export a shorter range of time" in export.problem


def test_a_full_disk_is_told(auditor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exporting, "header", full)
    export = exported(asked(auditor))
    assert export.state == ExportState.FAILED
    assert "No space left on device. Tell whoever runs Sluice." in export.problem


def test_the_file_is_removed_after_a_day(auditor: User, artifact_store: Path) -> None:
    export = exported(asked(auditor))
    assert exporting.remove_old() == 0
    AuditExport.objects.update(finished_at=timezone.now() - timedelta(days=1, minutes=1))
    assert exporting.remove_old() == 1
    export.refresh_from_db()
    assert export.state == ExportState.REMOVED
    assert not (artifact_store / export.stored_name).exists()


def test_nothing_is_lost_where_redis_is_down(auditor: User, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9"
    export = asked(auditor)
    queues.enqueue_export(str(export.pk))
    assert AuditExport.objects.get().state == ExportState.WAITING
