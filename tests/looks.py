"""One address of every page, all about one function that somebody may not see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from releases.audit import record
from releases.models import (
    AuditExport,
    AuditView,
    CodeComparison,
    Comparison,
    Drift,
    Environment,
    Freeze,
    Function,
    Grant,
    Hold,
    Intake,
    PolicyChange,
    Release,
    Rollback,
    RollbackState,
    Version,
)
from releases.models.policies import columns
from releases.rules import Rules
from tests.factories import EnvironmentFactory, FunctionFactory, IntakeFactory, UserFactory
from tests.scopes import give
from tests.views.packages import EDITED, LINES, compared, stored, text_of

SECRET = "secret-ledger"
ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Place:
    """A function with one of everything that hangs on a function."""

    function: Function
    release: Release
    intake: Intake
    comparison: CodeComparison
    drift: Drift
    rollback: Rollback
    change: PolicyChange
    freeze: Freeze
    view: AuditView
    export: AuditExport
    grant: Grant

    @property
    def environment(self) -> Environment:
        return self.function.environment


def place(owner: User) -> Place:
    environment = EnvironmentFactory.create(name=ELSEWHERE)
    function = FunctionFactory.create(
        environment=environment, name=SECRET, live_version=2, team="vault"
    )
    old, new = (stored({"app.py": text}) for text in (text_of(LINES), text_of(EDITED)))
    for number, code in ((1, old.code_sha256), (2, new.code_sha256)):
        Version.objects.create(function=function, number=number, code_sha256=code)
    release = compared(old, new, of=function)
    ask = {"placed_by": owner, "reason": f"{SECRET} fails"}
    holder = UserFactory.create(role=Role.NONE)
    give(holder, Role.VIEWER, pattern=SECRET)
    record("function.added", by=owner, function=function, versions=2, aliases=[])
    return Place(
        function=function,
        release=release,
        intake=IntakeFactory.create(function=function, artifact=new),
        comparison=CodeComparison.objects.create(
            function=function, old_sha256=old.code_sha256, new_sha256=new.code_sha256,
            comparison=Comparison.DONE,
        ),
        drift=Drift.objects.create(function=function, kinds=["configuration"], what=["Memory"]),
        rollback=Rollback.objects.create(
            function=function, alias="live", to_version=1, reason="It fails", requested_by=owner,
            state=RollbackState.WAITING,
            hold=Hold.objects.create(function=function, **ask),
        ),
        change=PolicyChange.objects.create(
            function=function, reason="Slow", proposed_by=owner,
            **{f"before_{name}": value for name, value in columns(Rules(2)).items()},
            **{f"after_{name}": value for name, value in columns(Rules(1)).items()},
        ),
        freeze=Freeze.objects.create(
            environment=environment, starts_at=timezone.now(), placed_by=owner, reason="Sales",
            ends_at=timezone.now() + timedelta(days=1),
        ),
        view=AuditView.objects.create(
            person=owner, name=f"Of {SECRET}", query=f"function={SECRET}", is_shared=True
        ),
        export=AuditExport.objects.create(person=owner, format="csv", last_event=0),
        grant=holder.grants.get(),
    )  # fmt: skip


def looks(at: Place) -> dict[str, str]:
    """By name, the address of every page that can be looked at."""
    function, release, comparison = at.function.pk, at.release.pk, at.comparison.pk
    of_function = ("function", "function_settings", "function_team", "function_policy", "compare",
                   "roll_back", "hold", "resume")  # fmt: skip
    of_release = ("release", "line_comments", "changes")
    lists = ("dashboard", "_dashboard", "board", "board_rows", "list", "functions", "freezes",
             "audit",
        "audit_seals",
        "evidence", "days_evidence", "who_may", "new", "search",
             "add_function", "add_freeze", "environments", "add_environment")  # fmt: skip
    found = {name: _to(name) for name in lists}
    found |= {name: _to(name, function) for name in of_function}
    found |= {name: _to(name, release) for name in of_release}
    app = "?path=app.py"
    found |= {
        "person": _to("person", at.grant.person_id),
        "people": _to("people"),
        "invite": _to("invite"),
        "invitations": _to("invitations"),
        "change_role": _to("change_role", at.grant.person_id),
        "deactivate": _to("deactivate", at.grant.person_id),
        "print_codes": _to("print_codes", at.grant.person_id),
        "grants": _to("grants", at.grant.person_id),
        "part": _to("part", release, "head"),
        "promote": _to("promote", release) + f"?to={function}",
        "change_file": _to("change_file", release) + app,
        "change_lines": _to("change_lines", release) + f"{app}&from=0&count=6",
        "more_changes": _to("more_changes", release),
        "more_nodes": _to("more_nodes", release),
        "intake": _to("intake", at.intake.pk),
        "function_part": _to("function_part", function, "versions"),
        "comparison": _to("comparison", comparison),
        "code_changes": _to("code_changes", comparison),
        "drift": _to("drift", at.drift.pk),
        "roll_back_files": _to("roll_back_files", function) + "?old=1&new=2",
        "rollback": _to("rollback", at.rollback.pk),
        "environment_policy": _to("environment_policy", at.environment.pk),
        "lift_freeze": _to("lift_freeze", at.freeze.pk),
        "environment": _to("environment", at.environment.pk),
        "audit_view": _to("audit_view", at.view.pk),
        "audit_export": _to("audit_export", at.export.pk),
        "release_evidence": _to("release_evidence", release),
    }
    named = {f"releases:{name}": path for name, path in found.items()}
    for part, query in (
        ("file", app),
        ("lines", f"{app}&from=0&count=6"),
        ("more", ""),
        ("tree", ""),
    ):
        route = f"comparisons/<int:pk>/changes/{part}/"
        named[route] = f"/comparisons/{comparison}/changes/{part}/{query}"
    return named


def _to(name: str, *args: object) -> str:
    return reverse(f"releases:{name}", args=args)
