"""How states, tiers, messages and hashes look: the one table of icons and state families."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide

from releases.hazards import Level
from releases.models import CallStatus, IntakeState, RollbackState, StepOutcome, Tier
from releases.states import ReleaseState


class Look(NamedTuple):
    """`family` is a `data-state` of tokens.css, `icon` a lucide name."""

    family: str
    icon: str


_RUNNING = Look("running", "loader-circle")
_DONE = Look("released", "circle-check")
_FAILED = Look("failed", "circle-x")
_CONFLICT = Look("conflict", "git-merge")
_WAITING = Look("waiting", "clock")

LOOKS: dict[type, dict[str, Look]] = {
    ReleaseState: {
        ReleaseState.DRAFT: Look("neutral", "pencil"),
        ReleaseState.QUEUED: Look("neutral", "hourglass"),
        ReleaseState.STAGING: _RUNNING,
        ReleaseState.AWAITING_APPROVAL: _WAITING,
        ReleaseState.APPROVED: Look("running", "check"),
        ReleaseState.PUBLISHING: _RUNNING,
        ReleaseState.RELEASED: _DONE,
        ReleaseState.FAILED: _FAILED,
        ReleaseState.CONFLICT: _CONFLICT,
        ReleaseState.WITHDRAWING: _RUNNING,
        ReleaseState.REJECTED: Look("neutral", "ban"),
        ReleaseState.CANCELLED: Look("neutral", "circle-slash"),
    },
    StepOutcome: {
        StepOutcome.RUNNING: _RUNNING,
        StepOutcome.WAITING: Look("running", "hourglass"),
        StepOutcome.DONE: _DONE,
        StepOutcome.FAILED: _FAILED,
        StepOutcome.CONFLICT: _CONFLICT,
        StepOutcome.INTERRUPTED: Look("neutral", "pause"),
    },
    IntakeState: {
        IntakeState.RECEIVED: Look("neutral", "hourglass"),
        IntakeState.READING: _RUNNING,
        IntakeState.ACCEPTED: _DONE,
        IntakeState.REFUSED: _FAILED,
    },
    CallStatus: {
        CallStatus.SENT: _RUNNING,
        CallStatus.OK: _DONE,
        CallStatus.ERROR: _FAILED,
        CallStatus.UNKNOWN: Look("waiting", "circle-alert"),
        CallStatus.ADOPTED: Look("released", "circle-check"),
    },
    RollbackState: {
        RollbackState.WAITING: _WAITING,
        RollbackState.MOVING: _RUNNING,
        RollbackState.DONE: Look("rolled-back", "undo-2"),
        RollbackState.FAILED: _FAILED,
        RollbackState.YIELDED: Look("neutral", "circle-slash"),
        RollbackState.WITHDRAWN: Look("neutral", "ban"),
    },
}
HAZARDS = {
    Level.BLOCKS: Look("failed", "octagon-x"),
    Level.WARNING: Look("waiting", "triangle-alert"),
    Level.FINE: _DONE,
}
TIERS = {Tier.PRODUCTION: "failed", Tier.STAGING: "waiting", Tier.DEVELOPMENT: "neutral"}
MESSAGES = {
    "debug": Look("neutral", "info"),
    "info": Look("running", "info"),
    "success": _DONE,
    "warning": Look("waiting", "triangle-alert"),
    "error": _FAILED,
}


@lru_cache(maxsize=256)
def icon_svg(name: str, size: int, extra: str) -> SafeString:
    """A lucide icon that takes its colour and stroke from the CSS class `icon`."""
    attributes = {"class": f"icon {extra}".strip(), "aria_hidden": "true", "focusable": "false"}
    return SafeString(lucide(name, size=size, **attributes))


def hash_bytes(value: str) -> bytes:
    """The bytes of a hash written in hex or in base64; empty if it is neither."""
    text = value.removeprefix("sha256:")
    try:
        return bytes.fromhex(text)
    except ValueError:
        pass
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


@lru_cache(maxsize=512)
def skyline_svg(value: str, css: str) -> SafeString:
    """One bar a byte, its height byte / 255: equal hashes look equal."""
    heights = [max(1, round(byte / 255 * 40)) for byte in hash_bytes(value)]
    if not heights:
        return SafeString("")
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="3" height="{}" rx=".5"/>',
        ((4 * i, 40 - height, height) for i, height in enumerate(heights)),
    )
    return format_html(
        '<svg class="fp {}" viewBox="0 0 {} 40" preserveAspectRatio="none" aria-hidden="true">'
        "{}</svg>",
        css,
        4 * len(heights) - 1,
        bars,
    )
