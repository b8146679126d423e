"""The history: what happened, in sentences, never changed afterwards."""

from releases.audit.record import SYSTEM, Named, Origin, record

__all__ = ["SYSTEM", "Named", "Origin", "record"]
