"""The click that a job is run for: the row that it works on has it."""

from __future__ import annotations

from contextlib import AbstractContextManager

from releases.cause import caused_by
from releases.models import AuditExport, CodeComparison, Intake, Rollback, Round

Row = type[AuditExport] | type[CodeComparison] | type[Intake] | type[Rollback] | type[Round]


def click_of(model: Row, pk: int | str) -> AbstractContextManager[None]:
    """What happens inside is done for the click that this row keeps."""
    rows = model._default_manager.filter(pk=str(pk))
    return caused_by(rows.values_list("click", flat=True).first())
