"""What can be attempted: for every address that takes more than a look, one request that is valid.

An address that is added later fails `test_attempts.py` until it stands here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from releases.actions.put_back import put_back
from releases.models import AuditExport, AuditView, Comment, Release, Rollback, RollbackState
from releases.pipeline import export as exporting
from releases.states import ReleaseState
from tests.account_attempts import ACCOUNT_ADDRESSES
from tests.actions.drifts import change_code, found
from tests.actions.promotions import pair
from tests.attempt_people import OF_PEOPLE
from tests.attempt_scene import Address, Attempt, Scene
from tests.factories import EnvironmentFactory, FunctionFactory, ReleaseFactory
from tests.grant_attempts import GRANT_ADDRESSES
from tests.rollbacks import released_without_alias
from tests.signing_in import PASSWORD
from tests.views.scenes import approved_by, fingerprint_of
from tests.world import HERE, package


# --- releases ---------------------------------------------------------------------------------
def on(state: ReleaseState, **data: str) -> Callable[[Scene], Attempt]:
    """A click on the page of a release in this state."""

    def make(scene: Scene) -> Attempt:
        return _click(scene.release(state), **data)

    return make


def _click(release: Release, **data: str) -> Attempt:
    shown = {"fingerprint": fingerprint_of(release), "seen": release.state}
    return Attempt((release.pk,), shown | data)


def approved(scene: Scene) -> Attempt:
    release = scene.release(ReleaseState.AWAITING_APPROVAL)
    approved_by(release, scene.people["manager"])
    return _click(release)


def drafted(scene: Scene) -> Attempt:
    by = scene.people["developer"]
    return _click(scene.release(ReleaseState.DRAFT, requested_by=by))


def superseding(scene: Scene) -> Attempt:
    older = scene.release(ReleaseState.AWAITING_APPROVAL)
    newer = scene.release(ReleaseState.QUEUED, function=older.function)
    return _click(newer, older=str(older.pk), **{f"seen_{older.pk}": older.state})


def new_release(scene: Scene) -> Attempt:
    return Attempt(data={"function": scene.function().pk, "source": "latest"})


def promoted(scene: Scene) -> Attempt:
    release, target = pair(f"promoted-{Release.objects.count()}")
    return Attempt((release.pk,), {"to": target.pk})


def commented(**anchor: str) -> Callable[[Scene], Attempt]:
    return on(ReleaseState.AWAITING_APPROVAL, text="Why?", **anchor)


def comment_to_remove(scene: Scene) -> Attempt:
    release = scene.release(ReleaseState.AWAITING_APPROVAL)
    by = scene.people["manager"]
    comment = Comment.objects.create(release=release, round_number=1, author=by, text="Why?")
    return Attempt((release.pk, comment.pk))


def rescheduled(scene: Scene) -> Attempt:
    later = f"{timezone.now() + timedelta(hours=1):%Y-%m-%dT%H:%MZ}"
    return on(AT_GATE, not_before=later, not_before_local=later)(scene)


def overriding(scene: Scene) -> Attempt:
    scene.freeze()
    return on(ReleaseState.AWAITING_APPROVAL, note="It cannot wait")(scene)


# --- packages -----------------------------------------------------------------------------------
def upload(scene: Scene) -> Attempt:
    function = FunctionFactory.create()
    return Attempt(query=f"?function={function.pk}&name=a.zip", body=package("one"))


def from_s3(scene: Scene) -> Attempt:
    function = FunctionFactory.create()
    return Attempt(data={"function": function.pk, "bucket": "packages", "key": "checkout.zip"})


def from_image(scene: Scene) -> Attempt:
    function = FunctionFactory.create(package_type="Image")
    return Attempt(data={"function": function.pk, "image_uri": "registry/checkout:1"})


# --- functions and environments -----------------------------------------------------------------
def added(scene: Scene) -> Attempt:
    environment = scene.world.environment if scene.world else EnvironmentFactory.create()
    named = {"environment": environment.pk, "identifier": "checkout"}
    return Attempt(data=named | _settings("existing", "live"))


def _settings(mode: str, alias: str) -> dict[str, str]:
    return {"gate": "review_first", "alias_mode": mode, "live_alias": alias}


def changed_settings(scene: Scene) -> Attempt:
    return Attempt((scene.function().pk,), _settings("none", ""))


def of_function(**data: str) -> Callable[[Scene], Attempt]:
    def make(scene: Scene) -> Attempt:
        return Attempt((scene.function().pk,), dict(data))

    return make


def of_environment(**data: Any) -> Callable[[Scene], Attempt]:
    def make(scene: Scene) -> Attempt:
        return Attempt((EnvironmentFactory.create().pk,), dict(data))

    return make


def environment_fields(name: str) -> dict[str, str]:
    return {"name": name, "tier": "staging", "account_id": "210987654321", "region": "eu-west-1"}


def new_environment(scene: Scene) -> Attempt:
    return Attempt(data=environment_fields("elsewhere"))


def rolled_back(scene: Scene) -> Attempt:
    function = scene.rollback(RollbackState.WITHDRAWN).function
    newest = Rollback.objects.get(function=function)
    shown = {"seen_live": str(function.live_version), "seen_rollback": str(newest.pk)}
    return Attempt((function.pk,), {"to": "1", "reason": "Checkout fails"} | shown)


def of_rollback(state: RollbackState) -> Callable[[Scene], Attempt]:
    def make(scene: Scene) -> Attempt:
        rollback = scene.rollback(state)
        return Attempt((rollback.pk,), {"seen": rollback.state, "reason": "Not needed"})

    return make


def resumed(scene: Scene) -> Attempt:
    hold = scene.hold()
    return Attempt((hold.function_id,), {"reason": "It is mended", "seen": hold.pk})


def of_drift(scene: Scene) -> Attempt:
    drift = scene.drift()
    return Attempt((drift.pk,), {"seen": drift.revision, "reason": "Known"})


def undone(scene: Scene) -> Attempt:
    """Code of theirs was replaced by an earlier version's, and only our store holds it."""
    if scene.world is None:
        return Attempt((scene.release(ReleaseState.RELEASED).pk,))
    function = released_without_alias(scene.world)
    change_code(scene.world, "theirs")
    found(scene.world)
    function.refresh_from_db()
    release = put_back(function, to=2, reason="It fails", seen=function.latest_code_sha256,
                       by=scene.world.people["manager"], origin=HERE)  # fmt: skip
    scene.world.advance(release)
    return Attempt((release.pk,))


# --- the history --------------------------------------------------------------------------------
def of_view(**data: str) -> Callable[[Scene], Attempt]:
    def make(scene: Scene) -> Attempt:
        view = AuditView.objects.create(
            person=scene.people["manager"], name=f"Mine {AuditView.objects.count()}", query="q=late"
        )
        return Attempt((view.pk,), dict(data))

    return make


def export_written(scene: Scene) -> Attempt:
    export = AuditExport.objects.create(person=scene.people["manager"], format="csv", last_event=0)
    exporting.write(str(export.pk))
    return Attempt((export.pk,))


# --- freezes and policies -----------------------------------------------------------------------
def frozen(scene: Scene) -> Attempt:
    times = {"starts_at": "2099-01-01T10:00", "ends_at": "2099-01-02T10:00"}
    kind = {"reason": "New year", "recurrence": "once", "time_zone": "UTC"}
    return Attempt(data=kind | times)


def lifted(scene: Scene) -> Attempt:
    return Attempt((scene.freeze().pk,), {"reason": "It is over"})


STRICTER = {"source": "own", "managers": "2", "security": "0", "days": "7", "rollback": "1"}


def of_policy_change(scene: Scene) -> Attempt:
    return Attempt((scene.policy_change().pk,), {"reason": "No"})


# --- people -------------------------------------------------------------------------------------
def signing_in(scene: Scene) -> Attempt:
    User.objects.create_user("somebody", password=PASSWORD)
    return Attempt(data={"login": "somebody", "password": PASSWORD})


WAITING, MOVING = RollbackState.WAITING, RollbackState.MOVING
AT_GATE, CONFLICT = ReleaseState.AWAITING_APPROVAL, ReleaseState.CONFLICT

ADDRESSES: dict[str, Address] = {
    "account_login": Address("nobody", signing_in),
    "account_logout": Address("manager", lambda scene: Attempt()),
    **(ACCOUNT_ADDRESSES | GRANT_ADDRESSES),
    "releases:new": Address("developer", new_release),
    "releases:approve": Address("manager", on(AT_GATE)),
    "releases:reject": Address("manager", on(AT_GATE, note="Not yet")),
    "releases:withdraw_approval": Address("manager", approved),
    "releases:cancel": Address("manager", on(AT_GATE, note="Not needed")),
    "releases:request_draft": Address("developer", drafted),
    "releases:retry": Address("manager", on(ReleaseState.FAILED)),
    "releases:stage_again": Address("manager", on(CONFLICT)),
    "releases:adopt": Address("manager", on(CONFLICT)),
    "releases:promote": Address("manager", promoted),
    "releases:supersede": Address("manager", superseding),
    "releases:reschedule": Address("manager", rescheduled),
    "releases:comment": Address("manager", commented()),
    "releases:line_comments": Address("manager", commented(path="a.py", side="new", line="1")),
    "releases:remove_comment": Address("manager", comment_to_remove),
    "releases:compare_again": Address("manager", lambda scene: Attempt((scene.failed().pk,))),
    "releases:override_freeze": Address("manager", overriding),
    "releases:upload": Address("developer", upload, method="PUT"),
    "releases:intake_s3": Address("developer", from_s3),
    "releases:intake_image": Address("developer", from_image),
    "releases:add_function": Address("admin", added, in_aws=True),
    "releases:function_settings": Address("admin", changed_settings, in_aws=True),
    "releases:refresh_function": Address("developer", of_function(), in_aws=True),
    "releases:function_policy": Address("admin", of_function(**STRICTER)),
    "releases:compare_code_again": Address(
        "manager", lambda scene: Attempt((scene.failed(of="code").pk,))
    ),
    "releases:adopt_drift": Address("developer", of_drift),
    "releases:restore_drift": Address("manager", of_drift, in_aws=True),
    "releases:ignore_drift": Address("manager", of_drift),
    "releases:roll_back": Address("manager", rolled_back),
    "releases:hold": Address("manager", of_function(reason="Wait")),
    "releases:resume": Address("manager", resumed),
    "releases:agree_rollback": Address("manager", of_rollback(WAITING), in_aws=True),
    "releases:withdraw_rollback": Address("manager", of_rollback(WAITING)),
    "releases:try_rollback_again": Address("manager", of_rollback(MOVING), in_aws=True),
    "releases:environment_policy": Address("admin", of_environment(**STRICTER)),
    "releases:approve_policy": Address("manager", of_policy_change),
    "releases:reject_policy": Address("manager", of_policy_change),
    "releases:withdraw_policy": Address("admin", of_policy_change),
    "releases:add_freeze": Address("manager", frozen),
    "releases:lift_freeze": Address("admin", lifted),
    "releases:undo_put_back": Address("manager", undone, in_aws=True),
    "releases:save_audit_view": Address(
        "viewer", lambda scene: Attempt(data={"name": "Late", "query": "q=late"}), open_to_all=True
    ),
    "releases:audit_view": Address("manager", of_view(name="Another")),
    "releases:remove_audit_view": Address("manager", of_view()),
    "releases:export_audit": Address(
        "viewer", lambda scene: Attempt(data={"format": "csv"}), open_to_all=True
    ),
    "releases:take_release_evidence": Address(
        "viewer", lambda scene: Attempt(args=(ReleaseFactory.create().pk,)), open_to_all=True
    ),
    "releases:take_days_evidence": Address(
        "viewer", lambda scene: Attempt(query="?function=checkout"), open_to_all=True
    ),
    "releases:download_audit": Address("manager", export_written),
    "releases:add_environment": Address("admin", new_environment),
    "releases:environment": Address("admin", of_environment(**environment_fields("renamed"))),
    "releases:sync_environment": Address("admin", of_environment()),
} | OF_PEOPLE
