"""A Lambda configuration as rows that people read, and two of them side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LABELS = {
    "MemorySize": "Memory",
    "EphemeralStorage": "Ephemeral storage",
    "Role": "Execution role",
    "KMSKeyArn": "KMS key",
    "VpcConfig": "VPC",
    "DeadLetterConfig": "Dead-letter queue",
    "TracingConfig": "Tracing",
    "SnapStart": "SnapStart",
    "LoggingConfig": "Logging",
    "FileSystemConfigs": "File systems",
    "ImageConfig": "Image settings",
}
UNITS = {"MemorySize": "MB", "EphemeralStorage": "MB", "Timeout": "s"}
# Stands for an environment that AWS could not decrypt: nothing is known about its values.
UNREADABLE = "!unreadable"


@dataclass(frozen=True)
class Setting:
    """One setting of one configuration; environment keys stand for themselves."""

    name: str
    label: str
    is_env: bool
    text: str


@dataclass(frozen=True)
class Row:
    """One setting in several configurations. None means that it is not set there."""

    name: str
    label: str
    is_env: bool
    texts: tuple[str | None, ...]

    @property
    def differs(self) -> bool:
        """Whether the first two configurations disagree."""
        return self.texts[0] != self.texts[1] or self.name == UNREADABLE

    @property
    def word(self) -> str:
        before, after = self.texts[0], self.texts[1]
        if before == after:
            return "unknown" if self.name == UNREADABLE else "same"
        return "added" if before is None else "removed" if after is None else "changes"


def in_words(text: str) -> str:
    """A sentence of the pipeline with the settings called as the tables call them."""
    return re.sub(r"\b[A-Z]\w+(?= changed from )", lambda found: _label(found[0]), text)


def rows(*configurations: Mapping[str, Any]) -> list[Row]:
    """Every setting of any of `configurations`: changed ones first, environment keys after.

    A published version's Description names an attempt, so it is no setting to compare.
    """
    columns = [{item.name: item for item in settings(each)} for each in configurations]
    if not all("Description" in each for each in configurations[:2]):
        for column in columns:
            column.pop("Description", None)
    known: dict[str, Setting] = {}
    for column in columns:
        known |= column
    found = [
        Row(
            item.name,
            item.label,
            item.is_env,
            tuple(column[name].text if name in column else None for column in columns),
        )
        for name, item in known.items()
    ]
    return sorted(found, key=lambda row: (not row.differs, row.is_env, row.label.lower()))


def settings(configuration: Mapping[str, Any]) -> Iterator[Setting]:
    for name, value in configuration.items():
        if name == "Environment":
            yield from _environment(value)
        elif not _is_empty(value):
            yield Setting(name, _label(name), False, _text(name, value))


def _is_empty(value: Any) -> bool:
    """AWS's defaults are kept as empty values, so that leaving a field out changes nothing."""
    if isinstance(value, Mapping):
        return all(_is_empty(each) for each in value.values())
    return value is None or value is False or value in ("", [], ())


def _environment(value: Any) -> Iterator[Setting]:
    for key, digest in value.items() if isinstance(value, Mapping) else ():
        if key == UNREADABLE:
            yield Setting(UNREADABLE, "Environment", False, "could not be decrypted by AWS")
        else:
            yield Setting(f"env {key}", str(key), True, _digest(str(digest)))


def _digest(value: str) -> str:
    """The first eight hex digits: enough to see that two values differ, too few to guess one."""
    digits = value.rpartition(":")[2]
    return f"hmac {digits[:4]} {digits[4:8]}"


def _text(name: str, value: Any) -> str:
    if name in UNITS:
        return f"{value:,} {UNITS[name]}"
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return " · ".join(
            f"{_spaced(key)}: {_plain(each)}" for key, each in value.items() if not _is_empty(each)
        )
    if isinstance(value, list | tuple):
        return ", ".join(_plain(each) for each in value)
    return str(value)


def _label(name: str) -> str:
    return LABELS.get(name, _spaced(name))


def _spaced(name: str) -> str:
    """`ApplyOn` as people say it: Apply on."""
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in name).split()
    return " ".join(words).capitalize() if not name.isupper() else name
