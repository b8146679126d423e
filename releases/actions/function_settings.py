"""What a function's settings must satisfy before they are saved."""

from __future__ import annotations

from releases.actions.read_function import Reading
from releases.aws.gateway import Gateway
from releases.aws.types import LATEST
from releases.errors import InvalidInput
from releases.models import Function
from releases.states import Gate


def check_settings(function: Function, reading: Reading, gateway: Gateway) -> None:
    """Raises InvalidInput, naming the field, where AWS does not bear the settings out."""
    alias = reading.alias(function.live_alias)
    # It is there, so there is nothing left to create.
    function.creates_alias = function.creates_alias and alias is None
    if function.live_alias and alias is None and not function.creates_alias:
        names = ", ".join(one.name for one in reading.aliases) or "none"
        raise InvalidInput(
            f"{function.name} has no alias named {function.live_alias} (it has: {names})."
            f"{' Choose one of these, or let' if reading.aliases else ' Let'} Sluice create it with"
            " the first release.",
            field="live_alias",
        )
    if function.gate == Gate.STAGE_FIRST:
        check_stage_first(function, reading, gateway)


def check_stage_first(function: Function, reading: Reading, gateway: Gateway) -> None:
    """Stage first needs the alias, and the proof that nothing calls `$LATEST`."""
    if not function.live_alias or reading.alias(function.live_alias) is None:
        raise InvalidInput(
            "Stage first needs a live alias that exists: without one, callers run $LATEST, and"
            " staging would be going live. Choose review first, or create the alias.",
            field="gate",
        )
    on_latest = [alias.name for alias in reading.aliases if alias.version == LATEST]
    if on_latest:
        raise InvalidInput(
            f"Stage first is not safe here: the alias {' and '.join(on_latest)} points at $LATEST,"
            " so its callers run what is staged. Point it at a version, or choose review first.",
            field="gate",
        )
    found = gateway.callers_of_latest(function.name)
    if found.callers:
        raise InvalidInput(
            f"Stage first is not safe here: $LATEST is called by {', '.join(found.callers)}."
            " Point them at the alias, or choose review first.",
            field="gate",
        )
    if found.unreadable:
        raise InvalidInput(
            "Stage first is not proven safe: Sluice may not read"
            f" {', '.join(found.unreadable)} of {function.name}."
            " Grant that permission, or choose review first.",
            field="gate",
        )
