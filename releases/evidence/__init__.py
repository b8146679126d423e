"""Evidence: what went live, who approved exactly that, what went around the gate, and its proof."""

from releases.evidence.pack import Pack, gather
from releases.evidence.scope import OfDays, OfRelease, Scope
from releases.evidence.went_live import WentLive, what_went_live

__all__ = ["OfDays", "OfRelease", "Pack", "Scope", "WentLive", "gather", "what_went_live"]
