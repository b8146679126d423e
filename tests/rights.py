"""What every address asks of whoever comes: a right of the matrix, or why it asks for none.

An address that is added later fails `test_matrix.py` until it stands here.
"""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Role
from releases.policy import matrix
from releases.policy.matrix import Right


@dataclass(frozen=True)
class Asks:
    """`look` for looking, `act` for what takes more; None: whoever is signed in.

    `own`: only what is their own, whatever the role.
    """

    look: Right | None = None
    act: Right | None = None
    own: bool = False
    # Roles of the right whom the policy of the moment does not ask.
    unasked: frozenset[Role] = frozenset()
    # Whether it is about a function, so that it does not exist for people who do not see that.
    scoped: bool = False


def of_function(
    look: Right | None = None,
    act: Right | None = None,
    *,
    own: bool = False,
    unasked: frozenset[Role] = frozenset(),
) -> Asks:
    return Asks(look, act, own, unasked, scoped=True)


SEE = of_function(matrix.SEE)
ANYBODY = Asks()
SECURITY = frozenset({Role.SECURITY})

RIGHTS: dict[str, Asks] = {
    # one's own account
    "account_login": ANYBODY,
    "mfa_login_webauthn": ANYBODY,
    "mfa_authenticate": ANYBODY,
    "account_logout": ANYBODY,
    "step_up": ANYBODY,
    "profile": ANYBODY,
    "theme": ANYBODY,
    "security": ANYBODY,
    "account_change_password": ANYBODY,
    "mfa_activate_totp": ANYBODY,
    "mfa_deactivate_totp": ANYBODY,
    "mfa_add_webauthn": ANYBODY,
    "mfa_remove_webauthn": ANYBODY,
    "mfa_view_recovery_codes": ANYBODY,
    "mfa_generate_recovery_codes": ANYBODY,
    "end_session": ANYBODY,
    "end_other_sessions": ANYBODY,
    # lists: everybody, of what they see
    "releases:dashboard": ANYBODY,
    "releases:_dashboard": ANYBODY,
    "releases:board": ANYBODY,
    "releases:board_rows": ANYBODY,
    "releases:list": ANYBODY,
    "releases:functions": ANYBODY,
    "releases:freezes": ANYBODY,
    "releases:audit": ANYBODY,
    "releases:audit_seals": ANYBODY,
    "releases:evidence": ANYBODY,
    "releases:days_evidence": ANYBODY,
    "releases:take_days_evidence": ANYBODY,
    "releases:who_may": ANYBODY,
    "releases:search": ANYBODY,
    "releases:person": ANYBODY,
    # people
    "releases:people": Asks(matrix.MANAGE_PEOPLE),
    "releases:invitations": Asks(matrix.MANAGE_PEOPLE),
    "releases:invite": Asks(matrix.MANAGE_PEOPLE, matrix.MANAGE_PEOPLE),
    "releases:revoke_invitation": Asks(act=matrix.MANAGE_PEOPLE),
    "releases:change_role": Asks(matrix.MANAGE_PEOPLE, matrix.MANAGE_PEOPLE),
    "releases:deactivate": Asks(matrix.MANAGE_PEOPLE, matrix.MANAGE_PEOPLE),
    "releases:reactivate": Asks(act=matrix.MANAGE_PEOPLE),
    "releases:print_codes": Asks(matrix.MANAGE_PEOPLE, matrix.MANAGE_PEOPLE),
    "releases:revoke_codes": Asks(act=matrix.MANAGE_PEOPLE),
    # for whoever holds a code, signed in or not
    "releases:join": ANYBODY,
    "releases:break_glass": ANYBODY,
    "oidc_begin": ANYBODY,
    "oidc_callback": ANYBODY,
    "oidc_confirm": ANYBODY,
    "oidc_link": ANYBODY,
    "oidc_unlink": ANYBODY,
    # releases
    "releases:new": Asks(None, matrix.REQUEST, scoped=True),
    "releases:release": SEE,
    "releases:part": SEE,
    "releases:approve": of_function(act=matrix.APPROVE, unasked=SECURITY),
    "releases:reject": of_function(act=matrix.REJECT),
    "releases:withdraw_approval": of_function(act=matrix.APPROVE, own=True),
    "releases:cancel": of_function(act=matrix.STEER),
    "releases:request_draft": of_function(act=matrix.REQUEST, own=True),
    "releases:retry": of_function(act=matrix.STEER),
    "releases:stage_again": of_function(act=matrix.STEER),
    "releases:adopt": of_function(act=matrix.STEER),
    "releases:promote": of_function(matrix.SEE, matrix.PROMOTE),
    "releases:supersede": of_function(act=matrix.STEER),
    "releases:reschedule": of_function(act=matrix.STEER),
    "releases:override_freeze": of_function(act=matrix.OVERRIDE),
    "releases:comment": of_function(act=matrix.COMMENT),
    "releases:line_comments": of_function(matrix.SEE, matrix.COMMENT),
    "releases:remove_comment": of_function(act=matrix.COMMENT, own=True),
    "releases:changes": SEE,
    "releases:change_file": SEE,
    "releases:change_lines": SEE,
    "releases:more_changes": SEE,
    "releases:more_nodes": SEE,
    "releases:compare_again": of_function(act=matrix.COMPARE),
    # packages
    "releases:upload": of_function(act=matrix.REQUEST),
    "releases:intake_s3": of_function(act=matrix.REQUEST),
    "releases:intake_image": of_function(act=matrix.REQUEST),
    "releases:intake": SEE,
    # functions
    "releases:add_function": Asks(matrix.ADD, matrix.ADD),
    "releases:function": SEE,
    "releases:function_part": SEE,
    "releases:function_settings": of_function(matrix.CHANGE, matrix.CHANGE),
    "releases:function_team": of_function(matrix.SET_TEAM, matrix.SET_TEAM),
    "releases:refresh_function": of_function(act=matrix.REFRESH),
    "releases:function_policy": of_function(matrix.SEE, matrix.PROPOSE),
    "releases:compare": SEE,
    "releases:comparison": SEE,
    "releases:compare_code_again": of_function(act=matrix.COMPARE),
    "releases:code_changes": SEE,
    "comparisons/<int:pk>/changes/file/": SEE,
    "comparisons/<int:pk>/changes/lines/": SEE,
    "comparisons/<int:pk>/changes/more/": SEE,
    "comparisons/<int:pk>/changes/tree/": SEE,
    # drift, rollbacks and holds
    "releases:drift": SEE,
    "releases:adopt_drift": of_function(act=matrix.ADOPT),
    "releases:restore_drift": of_function(act=matrix.RESTORE),
    "releases:ignore_drift": of_function(act=matrix.IGNORE),
    "releases:roll_back": of_function(matrix.ROLL_BACK, matrix.ROLL_BACK),
    "releases:roll_back_files": SEE,
    "releases:hold": of_function(matrix.HOLD, matrix.HOLD),
    "releases:resume": of_function(matrix.RESUME, matrix.RESUME),
    "releases:undo_put_back": of_function(act=matrix.REQUEST),
    "releases:rollback": SEE,
    "releases:agree_rollback": of_function(act=matrix.ROLL_BACK),
    "releases:withdraw_rollback": of_function(act=matrix.ROLL_BACK),
    "releases:try_rollback_again": of_function(act=matrix.ROLL_BACK),
    # policies and freezes
    "releases:environment_policy": of_function(matrix.SEE, matrix.PROPOSE),
    "releases:approve_policy": of_function(act=matrix.DECIDE, unasked=SECURITY),
    "releases:reject_policy": of_function(act=matrix.DECIDE, unasked=SECURITY),
    "releases:withdraw_policy": of_function(act=matrix.PROPOSE, own=True),
    "releases:add_freeze": Asks(matrix.FREEZE, matrix.FREEZE),
    "releases:lift_freeze": Asks(matrix.LIFT, matrix.LIFT),
    # environments
    "releases:environments": Asks(matrix.MANAGE),
    "releases:add_environment": Asks(matrix.MANAGE, matrix.MANAGE),
    "releases:environment": of_function(matrix.MANAGE, matrix.MANAGE),
    "releases:sync_environment": of_function(act=matrix.SYNC),
    # the history
    "releases:save_audit_view": ANYBODY,
    "releases:audit_view": Asks(own=True, scoped=True),
    "releases:remove_audit_view": Asks(own=True, scoped=True),
    "releases:export_audit": ANYBODY,
    "releases:audit_export": Asks(own=True),
    "releases:download_audit": Asks(own=True),
    "releases:release_evidence": of_function(matrix.READ_HISTORY),
    "releases:take_release_evidence": of_function(act=matrix.READ_HISTORY),
    # people
    "releases:grants": Asks(matrix.GIVE_ROLES, matrix.GIVE_ROLES),
    "releases:take_grant": Asks(act=matrix.GIVE_ROLES),
}
