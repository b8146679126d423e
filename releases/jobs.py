"""The jobs of the queues: they take ids, load fresh, and may find nothing to do."""

from collections.abc import Sequence

from releases.pipeline import compare, engine, export, intake, rollbacks, sync
from releases.pipeline import compare_code as comparing_code
from releases.pipeline import poll as polling


def advance_release(release_id: int) -> None:
    """Take a release as far as it can go."""
    engine.advance(release_id)


def finish_rollback(rollback_id: int) -> None:
    """Carry on with a rollback that a person began and whose request did not see the end."""
    rollbacks.finish(rollback_id)


def read_intake(intake_id: str) -> None:
    """Fetch and inspect a package that somebody brought in."""
    intake.read(intake_id)


def poll_function(function_id: int) -> None:
    """Look whether a function is still what its release and its page take it for."""
    polling.poll(function_id)


def list_environment(environment_id: int) -> None:
    """Look which functions of an environment are not what they were."""
    sync.list_environment(environment_id)


def read_aliases(function_ids: Sequence[int]) -> None:
    """Look whether the aliases of a few functions are what they were."""
    sync.read_aliases(function_ids)


def compare_round(round_id: int) -> None:
    """Find out what a round would change for the callers."""
    compare.compare(round_id)


def compare_code(comparison_id: int) -> None:
    """Find out how the code of two states of a function differs."""
    comparing_code.compare_code(comparison_id)


def write_export(export_id: str) -> None:
    """Write what somebody wants of the history into a file."""
    export.write(export_id)
