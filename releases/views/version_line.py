"""The versions of a function as a picture: which alias points where, and what is on its way."""

from __future__ import annotations

from dataclasses import dataclass

from releases.models import Alias, Function, Version

LINE = 7


@dataclass(frozen=True)
class Flag:
    """An alias at a version, with the share of its calls in percent."""

    name: str
    share: int
    is_live: bool

    @property
    def width(self) -> str:
        """Of the bar that shows the share, 26 wide."""
        return f"{self.share * 26 / 100:.1f}"


@dataclass(frozen=True)
class Mark:
    version: Version
    flags: list[Flag]
    is_live: bool
    # Older versions that are not drawn lie between this one and the next.
    is_far: bool = False


@dataclass(frozen=True)
class VersionLine:
    marks: list[Mark]
    live: Version | None


def version_line(function: Function) -> VersionLine:
    """The newest versions, and the live one wherever it is. At most three queries."""
    aliases = list(function.aliases.all())
    newest = list(function.versions.all()[:LINE])
    number = function.live_version
    live = next((each for each in newest if each.number == number), None)
    is_far = number is not None and live is None
    if number is not None and live is None:
        live = function.versions.filter(number=number).first()
    shown = [live, *reversed(newest[: LINE - 1])] if is_far and live else list(reversed(newest))
    return VersionLine(
        [_mark(each, function, aliases, is_far=is_far and each is live) for each in shown], live
    )


def _mark(version: Version, function: Function, aliases: list[Alias], *, is_far: bool) -> Mark:
    flags = [
        Flag(alias.name, share, alias.name == function.live_alias)
        for alias in aliases
        if (share := _share(alias, str(version.number)))
    ]
    return Mark(version, flags, version.number == function.live_version, is_far)


def _share(alias: Alias, number: str) -> int:
    share = float(alias.weights.get(number, 0))
    if alias.version == number:
        share = 1 - sum(float(weight) for weight in alias.weights.values())
    # However little it is, it is not nothing, and what is left is not all.
    return min(max(round(share * 100), 1), 99) if 0 < share < 1 else round(share * 100)
