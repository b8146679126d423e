"""What differs between two states of a function: its code by a job, its settings at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from releases import configuration
from releases.actions.compare_code import compare_code
from releases.aws.types import LATEST
from releases.models import CodeComparison, Comparison, Function, Version
from releases.summary import difference
from releases.views.sides import Side

SAME_CODE = "code identical"
LONGEST_NUMBER = 9


class UnknownVersion(LookupError):
    """The function has no such version, as far as Sluice knows; the message says which."""


@dataclass(frozen=True)
class Between:
    """`row` is the comparison of the code, None where there is nothing to compare."""

    function: Function
    old: Side
    new: Side
    row: CodeComparison | None

    @property
    def state(self) -> str:
        """unknown, same, waiting, done or failed."""
        if not self.old.code_sha256 or not self.new.code_sha256:
            return "unknown"
        return self.row.comparison if self.row else "same"

    @property
    def url(self) -> str:
        """The page that shows all of it."""
        return f"{reverse('releases:compare', args=[self.function.pk])}?{self.query}"

    @property
    def query(self) -> str:
        return urlencode({"old": name_of(self.old), "new": name_of(self.new)})

    @property
    def topic(self) -> str:
        """What a page listens to while the code is being compared."""
        return f"comparison-{self.row.pk}" if self.row else f"function-{self.function.pk}"

    @property
    def sentence(self) -> str:
        """What differs; empty while it is being compared, or where it cannot be."""
        if self.state == Comparison.DONE and self.row:
            return difference(self.row.summary, *self._settings)
        return difference(SAME_CODE, *self._settings) if self.state == "same" else ""

    @property
    def is_nothing(self) -> bool:
        return self.state == "same" and not self.changed

    @property
    def changed(self) -> list[configuration.Row]:
        return [row for row in self.rows if row.differs]

    @property
    def unchanged(self) -> list[configuration.Row]:
        return [row for row in self.rows if not row.differs]

    @property
    def has_settings(self) -> bool:
        """Whether both sides are states of the function and not only code."""
        return all(
            name == LATEST or name.isdecimal() for name in map(name_of, (self.old, self.new))
        )

    @cached_property
    def rows(self) -> list[configuration.Row]:
        return configuration.rows(*self._settings)

    @property
    def _settings(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        return self.old.configuration, self.new.configuration


def comparison_of(function: Function, old: int | str, new: int | str) -> Between:
    """From `old` to `new`, each a version's number or `$LATEST`: a sentence and its page.

    Begins the comparison if nobody has asked for it yet. Raises UnknownVersion.
    """
    names = [str(old), str(new)]
    numbers = [int(name) for name in names if name.isdecimal() and len(name) <= LONGEST_NUMBER]
    known = {
        str(each.number): each
        for each in function.versions.select_related("release").filter(number__in=numbers)
    }
    before, after = (_side(function, name, known) for name in names)
    pair = before.code_sha256, after.code_sha256
    return Between(function, before, after, compare_code(function, pair).get(pair))


def name_of(side: Side) -> str:
    """As an address has it."""
    return side.title.removeprefix("Version ")


def _side(function: Function, name: str, known: dict[str, Version]) -> Side:
    if name == LATEST:
        return Side(
            LATEST,
            "as last read from AWS",
            function.latest_code_sha256,
            revision_id=function.latest_revision_id,
            at=function.synced_at,
            configuration=function.latest_configuration,
        )
    version = known.get(name)
    if version is None:
        raise UnknownVersion(f"{function.name} has no version “{name[:20]}” that Sluice knows of.")
    ours = version.release
    is_live = version.number == function.live_version
    # A version's Description names the attempt that published it: no setting to compare.
    settings = {key: each for key, each in version.configuration.items() if key != "Description"}
    return Side(
        f"Version {version.number}",
        f"released as {ours.reference}" if ours else "published outside Sluice",
        version.code_sha256,
        version.code_size or None,
        version.revision_id,
        function.live_alias if is_live else "",
        version.published_at,
        settings,
    )
