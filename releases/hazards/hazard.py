"""One thing that was looked at before a rollback, and how bad it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """In the order in which they are read."""

    BLOCKS = "blocks"
    WARNING = "warning"
    FINE = "fine"


@dataclass(frozen=True)
class Hazard:
    level: Level
    text: str
    detail: str = ""


@dataclass(frozen=True)
class Subject:
    """The version to go back to and what is live, as plain values: AWS is asked in threads."""

    name: str
    alias: str
    number: int
    code_sha256: str
    origin: str
    live_number: int | None
    configuration: Mapping[str, Any] = field(default_factory=dict)
    live_configuration: Mapping[str, Any] = field(default_factory=dict)
    # What callers of `$LATEST` run, where there is no alias.
    live_code: str = ""

    @property
    def label(self) -> str:
        return f"v{self.number}"

    @property
    def live_label(self) -> str:
        return f"v{self.live_number}" if self.live_number else "what is live"


def blocks(text: str, detail: str = "") -> Hazard:
    return Hazard(Level.BLOCKS, text, detail)


def warning(text: str, detail: str = "") -> Hazard:
    return Hazard(Level.WARNING, text, detail)


def fine(text: str, detail: str = "") -> Hazard:
    return Hazard(Level.FINE, text, detail)
