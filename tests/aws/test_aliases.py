"""Aliases are moved whole: no weight outlives a move."""

import pytest

from releases.aws import errors
from releases.aws.gateway import Gateway
from sandbox.aws import AwsSandbox, SeedAlias, SeedVersion, zip_of
from tests.aws.recorder import Recorder


def test_move_clears_the_weights(gateway: Gateway, aws: AwsSandbox, log: Recorder) -> None:
    versions = [SeedVersion(zip_of("1")), SeedVersion(zip_of("2"))]
    aws.seed.function("f", versions=versions, aliases={"live": SeedAlias("1", {"2": 0.5})})
    before = gateway.get_alias("f", "live")
    after = gateway.update_alias("f", "live", version="2", revision_id=before.revision_id)
    assert after.routing == {"version": "2", "weights": {}}
    assert after == gateway.get_alias("f", "live")
    assert log.entries[1].is_write


def test_move_to_where_it_is_already_still_fences_others(gateway: Gateway, function: str) -> None:
    before = gateway.get_alias(function, "live")
    gateway.update_alias(function, "live", version="1", revision_id=before.revision_id)
    with pytest.raises(errors.RevisionMismatch):
        gateway.update_alias(function, "live", version="2", revision_id=before.revision_id)


def test_move_to_a_version_that_is_not_there_is_not_found(gateway: Gateway, function: str) -> None:
    before = gateway.get_alias(function, "live")
    with pytest.raises(errors.NotFound):
        gateway.update_alias(function, "live", version="9", revision_id=before.revision_id)


def test_new_alias_is_created(gateway: Gateway, function: str) -> None:
    made = gateway.create_alias(function, "next", version="2", description="soon")
    assert (made.name, made.version, made.description) == ("next", "2", "soon")


def test_alias_that_exists_is_not_created_again(gateway: Gateway, function: str) -> None:
    with pytest.raises(errors.AlreadyExists, match="Alias already exists"):
        gateway.create_alias(function, "live", version="2")
