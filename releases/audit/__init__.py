"""The history: what happened, in sentences, never changed afterwards."""

from releases.audit.record import SYSTEM, Origin, record

__all__ = ["SYSTEM", "Origin", "record"]
