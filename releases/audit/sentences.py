"""The registered actions, each with the sentence that the history shows for it."""

SENTENCES: dict[str, str] = {
    # releases, by people
    "release.requested": "{actor} requested {release} of {function}: {what}",
    "release.drafted": "{actor} kept {release} of {function} as a draft: {what}",
    "release.queued": "{release} of {function} was put into the queue",
    "release.approval_given": "{actor} approved {release} of {function} ({count} of {required})",
    "release.approval_withdrawn": "{actor} withdrew their approval of {release} of {function}",
    "release.refused": "{actor} {could_not} {verb} {release} of {function}: {reason}",
    "release.retried": "{actor} sent {release} of {function} through again after: {problem}",
    "release.staged_again": (
        "{actor} chose to stage {release} of {function} again"
        " on top of what is in AWS: {overwritten}"
    ),
    "release.adopted": (
        "{actor} chose to adopt what is in AWS into {release} of {function}: {adopted}"
    ),
    "release.commented": "{actor} commented on {release} of {function}{where}",
    "release.comment_removed": (
        "{actor} removed their comment on {release} of {function}{where}, written {written}"
    ),
    "release.scheduled": "{actor} scheduled {release} of {function}: {when}",
    "release.promoted": (
        "{actor} promoted {source} of {source_environment} to {environment}"
        " as {release} of {function}: {what}"
    ),
    "release.promoted_on": (
        "{actor} promoted {release} of {function} to {to_environment} as {promoted}"
    ),
    "release.superseded": "{actor} let {release} of {function} take the place of {older}",
    # releases, by the worker
    "release.staging": "{release} of {function} began to stage",
    "release.awaiting_approval": "{release} of {function} waits for approval ({required} needed)",
    "release.approved": "{release} of {function} is approved",
    "release.untouched": (
        "{release} of {function} goes on: only the RevisionId of {what} moved,"
        " nothing that is approved"
    ),
    "release.not_yet": "{release} of {function} is approved and waits: {when}",
    "release.publishing": "{release} of {function} began to publish",
    "release.released": "{release} of {function} is released: {what}",
    "release.failed": "{release} of {function} failed: {problem}",
    "release.conflict": "{release} of {function} is in conflict: {problem}",
    "release.withdrawing": "{actor} ended {release} of {function} as {ends_as}: {reason}",
    "release.rejected": "{release} of {function} was rejected: {reason}",
    "release.cancelled": "{release} of {function} was cancelled: {reason}",
    "release.approvals_lapsed": "Approvals of {release} of {function} lapsed: {reason}",
    "release.compared": "{release} of {function} was compared with what is live: {summary}",
    "release.not_compared": (
        "{release} of {function} could not be compared with what is live: {problem}"
    ),
    "release.compared_again": "{actor} had {release} of {function} compared once more",
    "release.round_opened": "Round {round} of {release} of {function} opened",
    # steps
    "step.started": "{step} of {release} of {function} started",
    "step.done": "{step} of {release} of {function} is done: {detail}",
    "step.waiting": "{step} of {release} of {function} waits: {detail}",
    "step.failed": "{step} of {release} of {function} failed: {detail}",
    "step.conflict": "{step} of {release} of {function} met a conflict: {detail}",
    "step.interrupted": "{step} of {release} of {function} was interrupted and is taken up again",
    "step.adopted": "{step} of {release} of {function} found its work already done: {detail}",
    "step.noted": "{step} of {release} of {function}: {detail}",
    "function.drifted": "{function} was changed in AWS and not through Sluice: {detail}",
    "function.traced": "CloudTrail tells who changed {function} outside Sluice: {changes}",
    "function.untraced": "Who changed {function} outside Sluice is not known: {reason}",
    "function.versions_found": (
        "{function} has versions that were published outside Sluice: {versions}"
    ),
    "function.versions_deleted": "Versions of {function} were deleted in AWS: {versions}",
    "function.versions_back": (
        "Versions of {function} that were missing in AWS are back: {versions}"
    ),
    "drift.adopting": (
        "{actor} chose to adopt into {release} how {function} was changed outside Sluice: {detail}"
    ),
    "drift.adopted": "What was changed outside Sluice in {function} is adopted, {reason}: {detail}",
    "drift.restoring": "{actor} chose to put {function} back to {version}: {detail}",
    "drift.restored": "{function} is as it was released again; undone is: {detail}",
    "drift.ignored": (
        "{actor} ignored how {function} was changed outside Sluice ({detail}): {reason}"
    ),
    "drift.gone": "What was changed outside Sluice in {function} is over, {reason}: {detail}",
    "drift.refused": (
        "{actor} {could_not} {verb} what was changed outside Sluice in {function}: {reason}"
    ),
    "function.unreadable": "{function} cannot be read from AWS: {problem}",
    "function.readable": "{function} can be read from AWS again",
    # packages
    "intake.received": "{actor} brought in {label} for {function}",
    "intake.not_taken": "{actor} {could_not} bring in {label} for {function}: {reason}",
    "intake.accepted": "{label} for {function} was accepted ({code_sha256})",
    "intake.refused": "{label} for {function} was refused: {reason}",
    # functions and environments
    "function.added": "{actor} added {function} to {environment}",
    "function.compared_again": "{actor} had two states of {function} compared once more",
    "function.compare_refused": (
        "{actor} {could_not} have two states of {function} compared once more: {reason}"
    ),
    "function.changed": "{actor} changed the settings of {function}: {changes}",
    "function.team_set": "{actor} set the team of {function} from {was} to {becomes}",
    "function.refused": "{actor} {could_not} {verb} {function}: {reason}",
    "function.read": "{actor} read {function} from AWS again: {found}",
    "environment.sync_asked": "{actor} had all of {environment} read from AWS again",
    "environment.unreadable": "The functions of {environment} cannot be listed: {problem}",
    "environment.readable": "The functions of {environment} can be listed again",
    "environment.added": "{actor} added the environment {environment}",
    "environment.refused": "{actor} {could_not} {verb}: {reason}",
    "environment.changed": "{actor} changed the environment {environment}: {changes}",
    # holds and rollbacks
    "function.held": "{actor} put {function} on hold{until}: {reason}",
    "function.hold_kept": "{actor} kept {function} on hold until somebody resumes it: {reason}",
    "function.resumed": "{actor} resumed {function}: {reason}",
    "function.hold_expired": "The hold on {function} expired: {reason}",
    "function.hold_refused": "{actor} {could_not} {verb} {function}: {reason}",
    "release.held": "{release} of {function} is approved and waits: {reason}",
    "freeze.placed": "{actor} froze {where} {when}: {reason}",
    "freeze.lifted": "{actor} lifted the freeze of {where} ({frozen}): {reason}",
    "freeze.refused": "{actor} {could_not} {verb} {where}: {reason}",
    "release.freeze_overridden": (
        "{actor} lets {release} of {function} out in spite of a freeze ({frozen}), for one"
        " approval more: {reason}"
    ),
    "rollback.requested": (
        "{actor} asked to roll {function} back from {was} to v{to}: {reason} ({needed})"
    ),
    "rollback.seconded": "{actor} agreed that {requester} rolls {function} back to v{to}",
    "rollback.started": "{actor} rolls {function} back from {was} to v{to}: {reason}",
    "rollback.tried_again": "{actor} tried once more to roll {function} back to v{to}",
    "rollback.done": "{alias} of {function} points at v{to}: rolled back by {requester}{by_aws}",
    "rollback.failed": "Rolling {function} back to v{to} failed: {problem}",
    "rollback.yielded": (
        "Rolling {function} back to v{to}, which {requester} asked for, gave way to a newer"
        " rollback by {actor}"
    ),
    "rollback.put_back": (
        "{actor} rolls {function} back to the code of v{to} with {release}: {reason}"
    ),
    "rollback.withdrawn": "{actor} withdrew the rollback of {function} to v{to}: {reason}",
    "rollback.refused": "{actor} {could_not} {verb} {function} back: {reason}",
    # approval policies
    "policy.changed": "{actor} changed the approval policy of {subject}: {was} → {becomes}",
    "policy.proposed": (
        "{actor} proposed a looser approval policy of {subject}: {was} → {becomes}: {reason}"
    ),
    "policy.approval_given": (
        "{actor} approved a looser approval policy of {subject} ({count} of {required})"
    ),
    "policy.rejected": "{actor} rejected a looser approval policy of {subject}: {reason}",
    "policy.withdrawn": "{actor} withdrew a looser approval policy of {subject}",
    "policy.lapsed": "A looser approval policy of {subject} lapsed undecided: {reason}",
    "policy.loosened": (
        "The looser approval policy of {subject} that {proposer} proposed is in force:"
        " {was} → {becomes}"
    ),
    "policy.refused": "{actor} {could_not} {verb} of {subject}: {reason}",
    # the history itself
    "audit.fault_found": "The history is not what was sealed: {fault}",
    "audit.archived": (
        "Numbers {first} to {number} of the history were archived as {file} ({sha256})"
    ),
    "audit.pack_made": "{actor} took away an evidence pack of {covers}",
    "audit.pack_refused": "{actor} {could_not} take away an evidence pack of {covers}: {reason}",
    # people
    "person.added": "{person} was added on the command line as {role}, {state}",
    "person.changed": "{person} was changed on the command line to {role}, {state}",
    "person.role_changed": "{actor} made {person} {becomes}, who was {was}",
    "person.deactivated": "{actor} deactivated {person}, who is signed out everywhere",
    "person.reactivated": "{actor} reactivated {person} as {role}",
    "person.change_refused": "{actor} {could_not} {verb} {person}: {reason}",
    "person.joined": "{actor} accepted an invitation by {inviter} and joined as {role}",
    "invitation.made": "{actor} invited {person} as {role}, until {until}",
    "invitation.revoked": "{actor} revoked the invitation of {person}",
    "invitation.refused": "{actor} {could_not} {verb} {person}: {reason}",
    "invitation.not_accepted": "An invitation of {person} let nobody in: {reason}",
    "person.grant_given": "{actor} gave {person} the role {role} for {scope}{instead}",
    "person.grant_taken": "{actor} took the role {role} for {scope} from {person}",
    "person.grant_lost": (
        "{person} lost the role {role} for {scope}: no group of theirs at {provider} has a role"
    ),
    "person.grant_refused": "{actor} {could_not} {verb} {person}: {reason}",
    "person.signed_in": "{actor} signed in",
    "person.signed_out": "{actor} signed out",
    "person.sign_in_failed": "A sign-in as {username} failed",
    "person.sign_in_refused": "{actor} was not allowed to sign in: {reason}",
    "person.sign_in_limited": "Too many sign-ins as {username} failed: it is refused for a while",
    "person.second_factor_failed": (
        "A sign-in as {username} failed: the password was right, the second factor was not"
    ),
    "person.recovery_code_used": "{actor} used a recovery code; {left} are left",
    "person.factor_added": "{actor} added a second factor to their account: {factor}",
    "person.factor_removed": "{actor} removed a second factor from their account: {factor}",
    "person.factor_kept": (
        "{actor} {could_not} remove a second factor from their account, {factor}: {reason}"
    ),
    "person.recovery_codes_made": "{actor} made new recovery codes; older ones ended",
    "person.password_given": (
        "{person} was given a new password on the command line, and is signed out everywhere"
    ),
    "person.password_changed": "{actor} changed their password",
    "person.password_refused": "{actor} could not change their password: {reason}",
    "person.session_ended": "{actor} signed themselves out of {browser}",
    "person.sessions_ended": "{actor} signed themselves out everywhere else ({browsers})",
    "person.profile_changed": "{actor} changed their profile: {changes}",
    "person.stepped_up": "{actor} proved once more that it is them, by {how}",
    "person.step_up_failed": "{actor} could not prove that it is them: a wrong {how}",
    "person.step_up_limited": (
        "{actor} could not prove that it is them: too many were wrong before, so the {how} was"
        " refused unread"
    ),
    "person.confirm_failed": ("{actor} could not prove by {provider} that it is them: {reason}"),
    "person.admitted": "{person} joined as {role}, by their groups at {provider}",
    "person.not_admitted": "{person}, whom {provider} named, was not let in: {reason}",
    "person.role_taken": (
        "{person} is {becomes} now by their groups at {provider}, and was {was} before"
    ),
    "person.role_kept": (
        "{person} stays {was}, although by their groups at {provider} they would be {becomes}:"
        " {reason}"
    ),
    "person.linked": "{actor} linked their account with one of {provider}",
    "person.unlinked": "{actor} unlinked their account from one of {provider}",
    "person.unlink_refused": "{actor} {could_not} unlink an account of {provider}: {reason}",
    "person.link_refused": "{actor} {could_not} link an account of {provider}: {reason}",
    "person.provider_failed": "A sign-in by {provider} came to nothing: {reason}",
    "person.codes_printed": (
        "{actor} printed {count} break-glass codes for {person}, good until {until}"
    ),
    "person.codes_revoked": "{actor} revoked {count} break-glass codes of {person}",
    "person.codes_refused": "{actor} {could_not} {verb} break-glass codes of {person}: {reason}",
    "person.broke_glass": (
        "BREAK GLASS: {actor} signed in with a code that {printer} printed on {printed}"
    ),
    "person.break_glass_failed": "A break-glass code of {username} let nobody in: {reason}",
    "person.unknown_code": "Somebody tried a code that nobody was given, as one of: {kind}",
    "person.refused": "{actor} was refused at {path}: {reason}",
    "audit.view_saved": "{actor} saved the view {view} of the history{shared}",
    "audit.view_changed": "{actor} changed the view {view} of the history{shared}",
    "audit.view_removed": "{actor} removed the view {view} of the history",
    "audit.exported": "{actor} exported the history as {format}, filtered by: {filter}",
    "audit.export_written": "An export of {count} events is ready for {person}",
    "audit.export_failed": "An export of the history for {person} failed: {problem}",
    "audit.export_downloaded": "{actor} downloaded an export of {count} events",
    "audit.refused": "{actor} {could_not} {verb}: {reason}",
}
