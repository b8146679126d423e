"""What a function stood at: its code, its configuration and what is live, to be compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from releases import fingerprint
from releases.actions.read_function import Reading
from releases.aws.types import LATEST, AliasState
from releases.models import Drift, DriftKind, Function, Release
from releases.traffic import ALL, is_only_on

# The version of an alias that points at `$LATEST`, as AWS lets it (facts H3): none has this number.
ON_LATEST = 0


@dataclass(frozen=True)
class Standing:
    """As Sluice knew it, or as AWS says it is. Environment values are keyed digests.

    `version` is None where the live alias is not there, or none is named.
    """

    code_sha256: str
    configuration: Mapping[str, Any]
    version: int | None
    weights: Mapping[str, float]

    @classmethod
    def known(cls, function: Function) -> Standing:
        aws_moves = is_only_on(function.live_weights, function.left_version)
        return cls(
            function.latest_code_sha256,
            function.latest_configuration,
            ON_LATEST if function.is_live_on_latest else function.live_version,
            {} if aws_moves else function.live_weights,
        )

    @classmethod
    def read(cls, function: Function, reading: Reading) -> Standing:
        """Without the weights that AWS sets itself while it moves traffic over for us."""
        latest, alias = reading.latest, settled(function, reading.alias(function.live_alias))
        number = _number(alias.version) if alias else None
        weights = dict(alias.weights) if alias else {}
        return cls(latest.code_sha256, dict(latest.configuration), number, weights)

    @classmethod
    def before(cls, drift: Drift) -> Standing:
        return cls(
            drift.before_code_sha256,
            drift.before_configuration,
            drift.before_version,
            drift.before_weights,
        )

    @classmethod
    def after(cls, drift: Drift) -> Standing:
        return cls(
            drift.after_code_sha256,
            drift.after_configuration,
            drift.after_version,
            drift.after_weights,
        )

    def is_like(self, other: Standing) -> bool:
        return (
            self.code_sha256 == other.code_sha256
            and fingerprint.configuration(self.configuration)
            == fingerprint.configuration(other.configuration)
            and (self.version, dict(self.weights)) == (other.version, dict(other.weights))
        )

    def columns(self, side: str) -> dict[str, Any]:
        """As the row keeps it: `side` is `before` or `after`."""
        return {
            f"{side}_code_sha256": self.code_sha256,
            f"{side}_configuration": dict(self.configuration),
            f"{side}_version": self.version,
            f"{side}_weights": dict(self.weights),
        }

    def told_apart(self, other: Standing) -> tuple[dict[str, Any], dict[str, Any]]:
        """What identifies both, where they differ; settings are told in words, values never."""
        pairs = {
            "code_sha256": (self.code_sha256, other.code_sha256),
            "live_version": (_named(self.version), _named(other.version)),
            "live_weights": (dict(self.weights), dict(other.weights)),
        }
        moved = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        before, after = ({name: pair[i] for name, pair in moved.items()} for i in (0, 1))
        return before, after


@dataclass(frozen=True)
class Moves:
    """How one standing became another, in words, by what moved."""

    code: list[str]
    configuration: list[str]
    alias: list[str]

    @property
    def words(self) -> list[str]:
        return self.code + self.configuration + self.alias

    @property
    def kinds(self) -> list[str]:
        found = {
            DriftKind.CODE: self.code,
            DriftKind.CONFIGURATION: self.configuration,
            DriftKind.ALIAS: self.alias,
        }
        return [kind.value for kind, moved in found.items() if moved]

    def __bool__(self) -> bool:
        return bool(self.words)


def moves(
    was: Standing,
    now: Standing,
    *,
    alias: str,
    ours: Iterable[Release] = (),
    rolled_back_to: Iterable[int] = (),
) -> Moves:
    """What moved, without what the releases `ours` and rollbacks may have done themselves."""
    releases = list(ours)
    moved_to = {*rolled_back_to, *(each.version_number for each in releases)}
    settings = fingerprint.configuration_moves(was.configuration, now.configuration)
    if releases:
        # With a package of its own a release may change the architectures, too.
        settings = [each for each in settings if not each.startswith("Architectures ")]
    code = []
    if now.code_sha256 not in {was.code_sha256, *_codes(releases)}:
        code = [f"the code of $LATEST is now {fingerprint.short(now.code_sha256)}"]
    return Moves(code, settings, _live_moves(was, now, alias, moved_to))


def settled(function: Function, alias: AliasState | None) -> AliasState | None:
    """The alias as it will be when AWS has moved its traffic over (facts H9).

    `function` is as it was before this reading is kept.
    """
    left = function.left
    if alias is None or left is None or alias.version != str(function.live_version):
        return alias
    return (
        replace(alias, weights={})
        if left.explains(alias.weights, function.live_weights)
        else (alias)
    )


def _live_moves(was: Standing, now: Standing, alias: str, moved_to: set[int | None]) -> list[str]:
    before, after = (was.version, dict(was.weights)), (now.version, dict(now.weights))
    # A move of ours that nobody has written down yet: AWS may be at its part of it.
    is_ours = after[0] in moved_to and after[1] in ({}, {str(before[0]): ALL})
    if not alias or before == after or is_ours:
        return []
    return [f"{_alias_moved(alias)}from {routed(*before)} to {routed(*after)}"]


def is_alias_move(words: str, alias: str) -> bool:
    """Whether a sentence about what moved tells of this alias."""
    return words.startswith(_alias_moved(alias))


def _alias_moved(alias: str) -> str:
    return f"the alias {alias} moved "


def routed(version: int | None, weights: Mapping[str, float]) -> str:
    shares = "".join(f" with {share * 100:g} % to v{other}" for other, share in weights.items())
    if version == ON_LATEST:
        return LATEST + shares
    return (f"v{version}" if version else "no version") + shares


def _number(version: str) -> int:
    return ON_LATEST if version == LATEST else int(version)


def _named(version: int | None) -> int | str | None:
    return LATEST if version == ON_LATEST else version


def _codes(ours: list[Release]) -> set[str]:
    """What those releases staged, and what they put back."""
    staged = {each.artifact.code_sha256 for each in ours if each.artifact}
    return staged | {each.before_stage.code_sha256 for each in ours if each.before_stage}
