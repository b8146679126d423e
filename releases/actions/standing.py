"""What a function stood at: its code, its configuration and what is live, to be compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from releases import fingerprint
from releases.actions.read_function import Reading
from releases.models import Drift, DriftKind, Function, Release


@dataclass(frozen=True)
class Standing:
    """As Sluice knew it, or as AWS says it is. Environment values are keyed digests."""

    code_sha256: str
    configuration: Mapping[str, Any]
    version: int | None
    weights: Mapping[str, float]

    @classmethod
    def known(cls, function: Function) -> Standing:
        return cls(
            function.latest_code_sha256,
            function.latest_configuration,
            function.live_version,
            function.live_weights,
        )

    @classmethod
    def read(cls, function: Function, reading: Reading) -> Standing:
        latest, alias = reading.latest, reading.alias(function.live_alias)
        number = int(alias.version) if alias and alias.version.isdigit() else None
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
            "live_version": (self.version, other.version),
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


def _live_moves(was: Standing, now: Standing, alias: str, moved_to: set[int | None]) -> list[str]:
    before, after = (was.version, dict(was.weights)), (now.version, dict(now.weights))
    is_ours = after[0] in moved_to and not after[1]
    if not alias or before == after or is_ours:
        return []
    return [f"the alias {alias} moved from {routed(*before)} to {routed(*after)}"]


def routed(version: int | None, weights: Mapping[str, float]) -> str:
    shares = "".join(f" with {share * 100:g} % to v{other}" for other, share in weights.items())
    return (f"v{version}" if version else "no version") + shares


def _codes(ours: list[Release]) -> set[str]:
    """What those releases staged, and what they put back."""
    staged = {each.artifact.code_sha256 for each in ours if each.artifact}
    return staged | {each.before_stage.code_sha256 for each in ours if each.before_stage}
