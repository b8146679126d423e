"""A call log that remembers, for assertions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from releases.aws.errors import AwsError


@dataclass
class Entry:
    operation: str
    request: Mapping[str, Any]
    is_write: bool
    outcome: str = "sent"
    http_status: int | None = None
    request_id: str = ""
    error: AwsError | None = None


@dataclass
class Recorder:
    entries: list[Entry] = field(default_factory=list)

    @property
    def last(self) -> Entry:
        return self.entries[-1]

    def sent(self, operation: str, request: Mapping[str, Any], *, is_write: bool) -> Entry:
        self.entries.append(Entry(operation, request, is_write))
        return self.entries[-1]

    def answered(self, handle: Entry, *, http_status: int, request_id: str) -> None:
        handle.outcome = "answered"
        handle.http_status, handle.request_id = http_status, request_id

    def refused(self, handle: Entry, error: AwsError) -> None:
        handle.outcome, handle.error = "refused", error

    def lost(self, handle: Entry, error: AwsError) -> None:
        handle.outcome, handle.error = "lost", error
