"""The jobs of the queues: they take ids, load fresh, and may find nothing to do."""

from collections.abc import Sequence

from releases.models import AuditExport, CodeComparison, Intake, Rollback, Round
from releases.pipeline import compare, engine, export, intake, rollbacks, sync
from releases.pipeline import compare_code as comparing_code
from releases.pipeline import poll as polling
from releases.pipeline import trace as tracing
from releases.pipeline.clicks import click_of


def advance_release(release_id: int) -> None:
    """Take a release as far as it can go."""
    engine.advance(release_id)


def finish_rollback(rollback_id: int) -> None:
    """Carry on with a rollback that a person began and whose request did not see the end."""
    with click_of(Rollback, rollback_id):
        rollbacks.finish(rollback_id)


def read_intake(intake_id: str) -> None:
    """Fetch and inspect a package that somebody brought in."""
    with click_of(Intake, intake_id):
        intake.read(intake_id)


def poll_function(function_id: int) -> None:
    """Look whether a function is still what its release and its page take it for."""
    polling.poll(function_id)


def trace_function(function_id: int) -> None:
    """Ask CloudTrail who changed a function, if that is being looked for."""
    tracing.trace_by_id(function_id)


def list_environment(environment_id: int) -> None:
    """Look which functions of an environment are not what they were."""
    sync.list_environment(environment_id)


def read_aliases(function_ids: Sequence[int]) -> None:
    """Look whether the aliases of a few functions are what they were."""
    sync.read_aliases(function_ids)


def compare_round(round_id: int) -> None:
    """Find out what a round would change for the callers."""
    with click_of(Round, round_id):
        compare.compare(round_id)


def compare_code(comparison_id: int) -> None:
    """Find out how the code of two states of a function differs."""
    with click_of(CodeComparison, comparison_id):
        comparing_code.compare_code(comparison_id)


def write_export(export_id: str) -> None:
    """Write what somebody wants of the history into a file."""
    with click_of(AuditExport, export_id):
        export.write(export_id)
