"""A package and its successor, as they lie in AWS and in a release that was compared."""

from __future__ import annotations

from releases.models import Release
from releases.pipeline.compare import compare
from sandbox.aws.seed import SeedVersion
from tests.browser.scenes import at_the_gate
from tests.packages.zips import zip_of
from tests.world import World

LINES = [f"value_{number} = {number}" for number in range(1, 61)]
EDITED = [*LINES[:19], "value_20 = 'twenty'", *LINES[20:49], "value_50 = 'fifty'", *LINES[50:]]


def text_of(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


OLD = {"index.py": text_of(LINES), "lib/gone.py": b"old = True\n", "same.py": b"same = 1\n"}
NEW = {
    "index.py": text_of(EDITED),
    "lib/new.py": b"def new():\n    return 1",
    "same.py": b"same = 1\n",
}


def compared_at_the_gate(world: World) -> Release:
    world.seed(versions=[SeedVersion(code=zip_of(OLD))])
    found = at_the_gate(world, code=zip_of(NEW))
    round_ = found.current_round
    assert round_ is not None
    compare(round_.pk)
    return found
