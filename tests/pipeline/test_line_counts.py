"""How many lines a change adds and removes: as git counts them, and never at any price."""

from __future__ import annotations

import pytest

from releases.diff.tree import compare
from releases.packages.intake import hex_of
from releases.packages.manifest import Inspection
from releases.packages.store import artifacts, package_name
from releases.pipeline import line_counts
from releases.pipeline.line_counts import count_lines
from tests.views.packages import stored

pytestmark = pytest.mark.django_db
OLD = {"a.py": b"1\n2\n3\n", "gone.py": b"x\ny\n", "pic": b"\x00\x01", "same": b"s\n"}
NEW = {"a.py": b"1\ntwo\n3\n4\n", "new.py": b"only", "pic": b"\x00\x02", "same": b"s\n"}


def manifest(code_sha256: str) -> Inspection:
    found = artifacts().manifest(hex_of(code_sha256))
    assert found
    return found


def counted(old: str, new: str) -> line_counts.LineCounts | None:
    return count_lines(compare(manifest(old) if old else None, manifest(new)), old, new)


@pytest.fixture
def pair() -> tuple[str, str]:
    return stored(OLD).code_sha256, stored(NEW).code_sha256


def test_lines_of_changed_added_and_removed_files_are_counted(pair: tuple[str, str]) -> None:
    assert counted(*pair) == {"added": 3, "removed": 3, "uncounted": 0}


def test_without_anything_live_all_lines_are_added(pair: tuple[str, str]) -> None:
    assert counted("", pair[1]) == {"added": 6, "removed": 0, "uncounted": 0}


def test_what_would_cost_too_much_is_told(
    pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_counts, "BYTES", 5)
    assert counted(*pair) == {"added": 0, "removed": 2, "uncounted": 3}
    monkeypatch.setattr(line_counts, "SECONDS", -1.0)
    assert counted(*pair) == {"added": 0, "removed": 0, "uncounted": 4}


def test_a_lost_package_leaves_the_rest_of_the_comparison(pair: tuple[str, str]) -> None:
    found = compare(manifest(pair[0]), manifest(pair[1]))
    store = artifacts()
    store.storage.delete(package_name(hex_of(pair[0])))
    assert count_lines(found, *pair) is None
