"""Change a function's settings: where its gate stands and its live alias."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from releases import policy
from releases.actions.drift import is_overtaken
from releases.actions.function_settings import check_settings
from releases.actions.gate import renew_round
from releases.actions.notice_drift import notice_whole
from releases.actions.read_function import Reading, keep, read
from releases.actions.refusal import refused_policy, refused_settings
from releases.audit import Origin, named_alias, record
from releases.audit.aws_calls import gateway_for
from releases.errors import InvalidInput
from releases.models import Function, Release
from releases.models.holds import UNDECIDED
from releases.states import FINAL, Gate


def change_function(
    function: Function,
    *,
    gate: str,
    live_alias: str,
    creates_alias: bool,
    by: User,
    origin: Origin,
) -> None:
    """Save new settings. Approvals given under the old ones lapse when the worker next looks.

    Raises NotAllowed, InvalidInput naming the field, AwsError.
    """
    wanted: dict[str, Any] = {
        "gate": Gate(gate).value,
        "live_alias": live_alias.strip(),
        "creates_alias": creates_alias and bool(live_alias.strip()),
    }
    changes = {
        name: [getattr(function, name), value]
        for name, value in wanted.items()
        if getattr(function, name) != value
    }
    with refused_settings("change the settings of", function, by=by, origin=origin):
        policy.require(policy.can_change_function(by, function))
        if not changes:
            return
        if wanted["gate"] == Gate.STAGE_FIRST and "gate" in changes:
            with refused_policy("loosen the gate", function, by=by, origin=origin):
                policy.require(policy.can_stage_before_review(by, function))
        # Asked again under the locks; here before AWS is asked.
        _free_to_change(function, changes)
        gateway = gateway_for(function.environment)
        began = timezone.now()
        reading = read(gateway, function.name)
        for name, value in wanted.items():
            setattr(function, name, value)
        check_settings(function, reading, gateway)
        ids = gateway.request_ids
        with transaction.atomic():
            _save(function, reading, began, wanted, changes, by=by, origin=origin, ids=ids)


def _save(
    function: Function,
    reading: Reading,
    began: datetime,
    wanted: dict[str, Any],
    changes: dict[str, Any],
    *,
    by: User,
    origin: Origin,
    ids: list[str],
) -> None:
    # Releases before their function, as the worker locks them.
    unfinished = list(
        Release.objects.filter(function=function)
        .exclude(state__in=FINAL)
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    is_old = is_overtaken(function, began)
    locked = Function.objects.get(pk=function.pk)
    _free_to_change(function, changes)
    if not is_old:
        # While the settings are still the old ones: what moved since the last look is drift.
        notice_whole(locked, reading, origin=origin.caused)
    function.policy_version = locked.policy_version + 1
    function.save(update_fields=[*wanted, "policy_version"])
    # Read now, its environment too: nobody changes their rules while the function is locked.
    saved = Function.objects.get(pk=function.pk)
    if not is_old or "live_alias" in changes:
        keep(function, reading)
    record(
        "function.changed",
        by=by,
        origin=origin,
        function=function,
        about=named_alias(function.live_alias),
        aws_request_ids=ids,
        changes=", ".join(f"{name} {old} → {new}" for name, (old, new) in changes.items()),
        before={name: old for name, (old, _) in changes.items()},
        after={name: new for name, (_, new) in changes.items()},
    )
    for release in unfinished:
        release.function = saved
        because = f"{by.name} changed the function's settings"
        renew_round(release, because, origin=origin.caused)


def _free_to_change(function: Function, changes: dict[str, Any]) -> None:
    """Gate and alias are copied into a release when it is made; it ends before they change."""
    if not changes.keys() & {"gate", "live_alias", "creates_alias"}:
        return
    under_way = function.rollbacks.filter(state__in=sorted(UNDECIDED)).first()
    if under_way:
        raise InvalidInput(
            f"{function.name} is being rolled back to v{under_way.to_version}. That has to end"
            " first.",
            field="live_alias",
        )
    flying = Release.objects.filter(function=function).in_flight().first()
    if flying:
        raise InvalidInput(
            f"{flying.reference} is in flight. Where the gate stands and which alias is live can"
            " be changed when it has ended.",
            field="gate" if "gate" in changes else "live_alias",
        )
