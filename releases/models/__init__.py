"""The nouns of Sluice, one file each."""

from releases.models.artifacts import Artifact, ArtifactKind, Intake, IntakeSource, IntakeState
from releases.models.audit import AuditAnchor, AuditCheck, AuditEvent, AuditSeal
from releases.models.audit_exports import AuditExport, ExportFormat, ExportState
from releases.models.audit_views import AuditView
from releases.models.comments import Comment, LineSide
from releases.models.comparisons import CodeComparison, Compared, Comparison
from releases.models.drifts import Drift, DriftKind, DriftState, Way
from releases.models.environments import Environment, Tier
from releases.models.freezes import Freeze, FreezeOverride
from releases.models.functions import Alias, Function, Version
from releases.models.grants import Grant, ScopeKind, grants_of, sees_everything
from releases.models.holds import Hold, Rollback, RollbackState
from releases.models.periods import LivePeriod
from releases.models.policies import ChangeState, PolicyChange, PolicyDecision, PolicyVerdict
from releases.models.releases import (
    Authorship,
    Decision,
    Release,
    Round,
    Verdict,
)
from releases.models.roles import role_for, role_in, role_of, roles_of, sees, with_role
from releases.models.snapshots import Snapshot
from releases.models.steps import AwsCall, CallStatus, Step, StepName, StepOutcome, step_order
from releases.models.traces import Trace

__all__ = [
    "Alias",
    "Artifact",
    "ArtifactKind",
    "AuditAnchor",
    "AuditCheck",
    "AuditEvent",
    "AuditExport",
    "AuditSeal",
    "AuditView",
    "Authorship",
    "AwsCall",
    "CallStatus",
    "ChangeState",
    "CodeComparison",
    "Comment",
    "Compared",
    "Comparison",
    "Decision",
    "Drift",
    "DriftKind",
    "DriftState",
    "Environment",
    "ExportFormat",
    "ExportState",
    "Freeze",
    "FreezeOverride",
    "Function",
    "Grant",
    "Hold",
    "Intake",
    "IntakeSource",
    "IntakeState",
    "LineSide",
    "LivePeriod",
    "PolicyChange",
    "PolicyDecision",
    "PolicyVerdict",
    "Release",
    "Rollback",
    "RollbackState",
    "Round",
    "ScopeKind",
    "Snapshot",
    "Step",
    "StepName",
    "StepOutcome",
    "Tier",
    "Trace",
    "Verdict",
    "Version",
    "Way",
    "grants_of",
    "role_for",
    "role_in",
    "role_of",
    "roles_of",
    "sees",
    "sees_everything",
    "step_order",
    "with_role",
]
