"""The releases of the past months: who asked for what, who said yes, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass

from releases.states import ReleaseState


@dataclass(frozen=True)
class Past:
    """A release that is over. `note` is the approver's remark, or why it was ended."""

    days: float
    function: str
    text: str
    by: str = "developer"
    deciders: tuple[str, ...] = ("manager",)
    ends: ReleaseState = ReleaseState.RELEASED
    note: str = ""
    # Nothing but the configuration changed: `$LATEST` as it stands was released.
    as_it_stands: bool = False
    change: int = 0
    # The function whose release of the same text was promoted: its very bytes.
    promotes: str = ""


_REJECTED, _CANCELLED = ReleaseState.REJECTED, ReleaseState.CANCELLED
_ALL = ("manager", "security", "second-manager")
_P, _S = "production/", "staging/"

PAST = (
    Past(149, f"{_S}checkout-api", "Price in the customer's currency", change=311),
    Past(147, f"{_P}checkout-api", "Price in the customer's currency", deciders=_ALL, change=311),
    Past(141, f"{_P}order-events", "Park events that fail three times", "second-developer",
         note="Alarm on parked events is in place.", change=318),
    Past(133, f"{_P}payment-webhook", "Verify signatures before anything else",
         deciders=("second-manager",), note="Checked in the staging slot with a signed sample."),
    Past(126, f"{_P}image-resizer", "Sharpen thumbnails below 200 pixels", "second-developer"),
    Past(117, f"{_P}invoice-renderer", "Reverse charge for business customers",
         note="Accounting looked at the samples.", change=347),
    Past(109, f"{_P}session-cleanup", "Archive instead of delete", "second-developer",
         ("manager",), change=352),
    Past(98, f"{_P}checkout-api", "Gift notes", "second-developer", _ALL,
         change=366),
    Past(93, f"{_S}newsletter-sender", "Pause a list after bounces", change=371),
    Past(84, f"{_P}invoice-renderer", "Twice the memory for long invoices", "second-developer",
         as_it_stands=True, note="Timeouts since Monday; the code stays the same."),
    Past(77, f"{_P}order-events", "Replay parked events", ends=_REJECTED, deciders=("security",),
         note="The package contains a .env file. Remove it and upload again.", change=388),
    Past(76, f"{_P}order-events", "Replay parked events", deciders=("second-manager",),
         note="Without the .env file now.", change=388),
    Past(69, f"{_S}payment-webhook", "Settle partial captures", change=397),
    Past(66, f"{_P}payment-webhook", "Settle partial captures", "second-developer", change=397,
         promotes=f"{_S}payment-webhook", note="Three days in staging without a dispute."),
    Past(57, f"{_P}image-resizer", "Crop to the subject", deciders=("second-manager",)),
    Past(49, f"{_P}checkout-api", "Loyalty points at the till", deciders=_ALL, change=409,
         note="Points service is scaled up."),
    Past(44, f"{_P}stock-alerts", "Group alerts by buyer", change=412),
    Past(41, f"{_P}session-cleanup", "Warn before a session ends", ends=_CANCELLED, deciders=(),
         note="Marketing moved the campaign to autumn."),
    Past(30, f"{_S}checkout-api", "Tax by delivery region", "second-developer", change=428),
    Past(21, f"{_P}search-indexer", "Weigh titles higher", ends=_REJECTED,
         note="Wait until the canary has all calls."),
    Past(12, f"{_P}invoice-renderer", "Due date from the contract", "second-developer",
         ("second-manager",), change=440),
    Past(3, f"{_P}checkout-api", "Tax by delivery region", "second-developer", _ALL, change=428,
         note="Ran a month in staging."),
    Past(2, f"{_P}stock-alerts", "Alerts for each warehouse", "second-developer",
         ("second-manager",), change=449, note="Buyers asked for it last week."),
)  # fmt: skip
