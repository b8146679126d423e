"""The history: what happened, in sentences, never changed afterwards."""

from releases.audit.named import Evidence, Named, named, named_alias, named_version
from releases.audit.record import SYSTEM, Origin, record

__all__ = [
    "SYSTEM",
    "Evidence",
    "Named",
    "Origin",
    "named",
    "named_alias",
    "named_version",
    "record",
]
