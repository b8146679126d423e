"""Every address of the product. Verb = function = URL = button = test file."""

from django.urls import path

from releases.views import (
    audit,
    audit_exports,
    audit_seals,
    audit_views,
    board_page,
    changes,
    comments,
    compare_versions,
    dashboard,
    decisions,
    drifts,
    environments,
    evidence,
    freezes,
    functions,
    holds,
    intakes,
    new_release,
    people,
    policies,
    promote,
    put_backs,
    release,
    release_list,
    roll_back,
    rollbacks,
    schedule,
)
from releases.views.finding import find_code

app_name = "releases"
CODE = {"of": find_code}

urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("_dashboard/", dashboard.board, name="_dashboard"),
    # what is where
    path("board/", board_page.board, name="board"),
    path("board/_rows/", board_page.rows, name="board_rows"),
    # releases
    path("releases/", release_list.release_list, name="list"),
    path("releases/new/", new_release.new_release, name="new"),
    path("releases/<int:pk>/", release.release, name="release"),
    path("releases/<int:pk>/_<str:part>/", release.part, name="part"),
    path("releases/<int:pk>/approve/", decisions.approve, name="approve"),
    path("releases/<int:pk>/reject/", decisions.reject, name="reject"),
    path(
        "releases/<int:pk>/withdraw-approval/",
        decisions.withdraw_approval,
        name="withdraw_approval",
    ),
    path("releases/<int:pk>/cancel/", decisions.cancel, name="cancel"),
    path("releases/<int:pk>/request/", decisions.request_draft, name="request_draft"),
    path("releases/<int:pk>/retry/", decisions.retry, name="retry"),
    path("releases/<int:pk>/stage-again/", decisions.stage_again, name="stage_again"),
    path("releases/<int:pk>/adopt/", decisions.adopt, name="adopt"),
    path("releases/<int:pk>/promote/", promote.promote, name="promote"),
    path("releases/<int:pk>/supersede/", schedule.supersede, name="supersede"),
    path("releases/<int:pk>/reschedule/", schedule.reschedule, name="reschedule"),
    path("releases/<int:pk>/comment/", comments.comment, name="comment"),
    path("releases/<int:pk>/line-comments/", comments.line_comments, name="line_comments"),
    path(
        "releases/<int:pk>/comments/<int:comment_pk>/remove/",
        comments.remove_comment,
        name="remove_comment",
    ),
    # what a release changes
    path("releases/<int:pk>/changes/", changes.changes, name="changes"),
    path("releases/<int:pk>/changes/file/", changes.change_file, name="change_file"),
    path("releases/<int:pk>/changes/lines/", changes.change_lines, name="change_lines"),
    path("releases/<int:pk>/changes/more/", changes.more_changes, name="more_changes"),
    path("releases/<int:pk>/changes/tree/", changes.more_nodes, name="more_nodes"),
    path("releases/<int:pk>/compare-again/", changes.compare_again, name="compare_again"),
    # bringing packages in
    path("intakes/upload/", intakes.upload, name="upload"),
    path("intakes/s3/", intakes.from_s3, name="intake_s3"),
    path("intakes/image/", intakes.from_image, name="intake_image"),
    path("intakes/<uuid:pk>/", intakes.intake, name="intake"),
    # functions
    path("functions/", functions.function_list, name="functions"),
    path("functions/add/", functions.add_function, name="add_function"),
    path("functions/<int:pk>/", functions.function, name="function"),
    path("functions/<int:pk>/_<str:part>/", functions.part, name="function_part"),
    path("functions/<int:pk>/settings/", functions.change_settings, name="function_settings"),
    path("functions/<int:pk>/refresh/", functions.refresh, name="refresh_function"),
    path("functions/<int:pk>/policy/", policies.function_policy, name="function_policy"),
    path("functions/<int:pk>/compare/", compare_versions.compare_versions, name="compare"),
    # two states of a function, by content
    path("comparisons/<int:pk>/", compare_versions.comparison, name="comparison"),
    path(
        "comparisons/<int:pk>/compare-again/",
        compare_versions.compare_code_again,
        name="compare_code_again",
    ),
    path("comparisons/<int:pk>/changes/", changes.changes, CODE, name="code_changes"),
    path("comparisons/<int:pk>/changes/file/", changes.change_file, CODE),
    path("comparisons/<int:pk>/changes/lines/", changes.change_lines, CODE),
    path("comparisons/<int:pk>/changes/more/", changes.more_changes, CODE),
    path("comparisons/<int:pk>/changes/tree/", changes.more_nodes, CODE),
    # what was changed outside Sluice
    path("drifts/<int:pk>/", drifts.drift, name="drift"),
    path("drifts/<int:pk>/adopt/", drifts.adopt, name="adopt_drift"),
    path("drifts/<int:pk>/restore/", drifts.restore, name="restore_drift"),
    path("drifts/<int:pk>/ignore/", drifts.ignore, name="ignore_drift"),
    path("functions/<int:pk>/roll-back/", roll_back.roll_back, name="roll_back"),
    path("functions/<int:pk>/roll-back/files/", roll_back.files, name="roll_back_files"),
    path("functions/<int:pk>/hold/", holds.hold, name="hold"),
    path("functions/<int:pk>/resume/", holds.resume, name="resume"),
    # rollbacks
    path("releases/<int:pk>/undo-put-back/", put_backs.undo, name="undo_put_back"),
    path("rollbacks/<int:pk>/", rollbacks.rollback, name="rollback"),
    path("rollbacks/<int:pk>/agree/", rollbacks.agree, name="agree_rollback"),
    path("rollbacks/<int:pk>/withdraw/", rollbacks.withdraw, name="withdraw_rollback"),
    path("rollbacks/<int:pk>/try-again/", rollbacks.again, name="try_rollback_again"),
    # approval policies
    path("environments/<int:pk>/policy/", policies.environment_policy, name="environment_policy"),
    path("policy-changes/<int:pk>/approve/", policies.approve, name="approve_policy"),
    path("policy-changes/<int:pk>/reject/", policies.reject, name="reject_policy"),
    path("policy-changes/<int:pk>/withdraw/", policies.withdraw, name="withdraw_policy"),
    # freezes
    path("freezes/", freezes.freeze_list, name="freezes"),
    path("freezes/add/", freezes.add_freeze, name="add_freeze"),
    path("freezes/<int:pk>/lift/", freezes.lift_freeze, name="lift_freeze"),
    path("releases/<int:pk>/override-freeze/", freezes.override, name="override_freeze"),
    # environments
    path("environments/", environments.environment_list, name="environments"),
    path("environments/add/", environments.add_environment, name="add_environment"),
    path("environments/<int:pk>/", environments.change_environment, name="environment"),
    path("environments/<int:pk>/sync/", environments.sync, name="sync_environment"),
    # audit
    path("audit/", audit.audit_list, name="audit"),
    path("audit/seals/", audit_seals.audit_seals, name="audit_seals"),
    path("audit/views/", audit_views.save, name="save_audit_view"),
    path("audit/views/<int:pk>/", audit_views.view, name="audit_view"),
    path("audit/views/<int:pk>/remove/", audit_views.remove, name="remove_audit_view"),
    path("audit/exports/", audit_exports.begin, name="export_audit"),
    path("audit/exports/<uuid:pk>/", audit_exports.export, name="audit_export"),
    path("audit/exports/<uuid:pk>/download/", audit_exports.download, name="download_audit"),
    # people
    path("people/<int:pk>/", people.person, name="person"),
    # evidence
    path("evidence/", evidence.evidence, name="evidence"),
    path("evidence/days/", evidence.of_days, name="days_evidence"),
    path("evidence/days/zip/", evidence.take_days, name="take_days_evidence"),
    path("evidence/releases/<int:pk>/", evidence.of_release, name="release_evidence"),
    path("evidence/releases/<int:pk>/zip/", evidence.take_release, name="take_release_evidence"),
]
