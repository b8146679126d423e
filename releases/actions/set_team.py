"""Say whose a function is: roles for a team reach its functions."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from releases import live, policy, queues
from releases.actions.refusal import refused_settings
from releases.actions.validation import check_entered
from releases.audit import Origin, record
from releases.models import Function, Release
from releases.states import FINAL


def set_team(function: Function, team: str, *, by: User, origin: Origin) -> None:
    """From now on the roles for `team`, and for no other, reach it; empty for none.

    Approvals of people who had theirs by the old one stop counting. Raises NotAllowed,
    InvalidInput naming the field.
    """
    with (
        refused_settings("set the team of", function, by=by, origin=origin),
        transaction.atomic(),
    ):
        locked = Function.objects.select_for_update().get(pk=function.pk)
        policy.require(policy.can_set_team(by))
        was, locked.team = locked.team, team.strip()
        if locked.team == was:
            return
        check_entered(locked, ["team"])
        locked.save(update_fields=["team"])
        record(
            "function.team_set",
            by=by,
            origin=origin,
            function=locked,
            was=was or "none",
            becomes=locked.team or "none",
            before={"team": was},
            after={"team": locked.team},
        )
        live.people_changed()
        waiting = Release.objects.filter(function=locked).exclude(state__in=FINAL)
        for pk in waiting.values_list("pk", flat=True):
            queues.enqueue_release(pk)
    function.team = locked.team
