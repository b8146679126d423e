"""Name who changed a function in AWS and when, once CloudTrail tells."""

from __future__ import annotations

from datetime import datetime

from releases.actions.causes import cause_of_agent
from releases.models import Drift


def name_drift_author(drift: Drift, *, who: str, changed_at: datetime, agent: str = "") -> bool:
    """The hook for whoever asks CloudTrail; False if the drift moved on meanwhile.

    `agent` is the caller's user agent, role or session: it may name the tool.
    """
    fields = {"who": who[:256], "changed_at": changed_at}
    if cause := cause_of_agent(agent):
        fields["cause"] = cause
    same = Drift.objects.open().filter(pk=drift.pk, revision=drift.revision)
    return same.update(**fields) == 1
