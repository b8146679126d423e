"""The jobs of the queues: they take ids, load fresh, and may find nothing to do."""

from releases.pipeline import engine, intake
from releases.pipeline import poll as polling


def advance_release(release_id: int) -> None:
    """Take a release as far as it can go."""
    engine.advance(release_id)


def read_intake(intake_id: str) -> None:
    """Fetch and inspect a package that somebody brought in."""
    intake.read(intake_id)


def poll_function(function_id: int) -> None:
    """Look whether a function is still what its release and its page take it for."""
    polling.poll(function_id)
