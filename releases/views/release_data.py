"""The queries of the release page: a fixed number of them, however much has happened."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import User
from releases import configuration
from releases.audit.search import NEWEST_FIRST
from releases.holds import Frozen, frozen, hold_on, staging_is_going_live
from releases.models import (
    AuditEvent,
    AwsCall,
    CallStatus,
    Decision,
    Release,
    Round,
    Snapshot,
    Version,
    sees,
)
from releases.policy import can_compare_again
from releases.rollback_policy import can_roll_back_somehow
from releases.states import IN_FLIGHT, ReleaseState
from releases.views import approvals, conflict, release_steps, sides
from releases.views.change_card import ChangeCard
from releases.views.comment_threads import comments_of
from releases.views.compared import pair_of
from releases.views.diff_choice import DEFAULT, Choice
from releases.views.line_threads import Present
from releases.views.offers import offers
from releases.views.put_backs import UndoOffer
from releases.views.queue import place_in, supersedable
from releases.views.release_page import Calls, May, ReleasePage
from releases.views.subjects import of_release
from releases.views.who import who

# What gives an open review another fingerprint, by whomever.
CHANGES = (
    "release.approvals_lapsed",
    "release.staged_again",
    "release.adopted",
    "release.conflict",
)
AT_ITS_GATE = (ReleaseState.AWAITING_APPROVAL, ReleaseState.APPROVED)
CALLS_SHOWN, CALLS_MOST, EVENTS_SHOWN = 10, 500, 20
# One more than are named, so that the page can say that there are more.
OTHERS_MOST = 51


def load(pk: int, person: User) -> Release | None:
    """The release with all that hangs on it by foreign key, if it is there for them. One query."""
    related = (
        "function__environment",
        "artifact",
        "intake__person",
        "requested_by",
        "before_stage",
        "staged",
        "promoted_from__function__environment",
    )
    visible = Release.objects.visible_to(person)
    return visible.select_related(*related).filter(pk=pk).first()


def gather(
    release: Release,
    user: User,
    *,
    shown: str = "",
    all_calls: bool = False,
    choice: Choice = DEFAULT,
    compared: str = "",
) -> ReleasePage:
    """The page as `user` sees it; `shown` and `compared` are what their open page shows."""
    rounds = list(release.rounds.select_related("checked", "baseline"))
    round_ = next((each for each in rounds if each.number == release.round_number), None)
    for each in rounds:
        each.release = release
    decisions = Decision.objects.filter(round__release=release).select_related("person")
    card = approvals.approvals(release, round_, rounds, decisions)
    latest, live = _latest(release), _live(release)
    identity = sides.identity(release, round_, latest, live)
    others = _others(release)
    source = release.promoted_from
    promoted_to = Release.objects.filter(promoted_from=release).visible_to(user)
    return ReleasePage(
        release=release,
        round=round_,
        may=May.of(user, release),
        rail=release_steps.release_steps(release, round_, release.steps.all(), card.count),
        identity=identity,
        approvals=card,
        settings=_settings(round_),
        changes=ChangeCard(
            of_release(release),
            round_,
            pair_of(release, round_),
            release.is_image,
            choice,
            can_compare_again(user, release, round_),
            compared,
        ),
        calls=_calls(release, CALLS_MOST if all_calls else CALLS_SHOWN),
        events=_events(release, user),
        blocked_by=_blocked_by(release, others),
        blocks=_blocks(release, others),
        conflict=conflict.conflict(release, round_, identity, card),
        who=who(release),
        authorships=list(release.authorships.select_related("person").order_by("pk")),
        shown_fingerprint=shown,
        since_shown=_since_shown(release, rounds, round_, shown),
        publish_was_sent=_publish_was_sent(release),
        comments=comments_of(release, Present(release, rounds)),
        place=place_in(release, others),
        hold=hold_on(release.function),
        roll_back=can_roll_back_somehow(user, release.function),
        supersedable=supersedable(release, others, user),
        frozen=_frozen(release),
        offers=offers([release], user).get(release.pk, []),
        promoted_from=source if source and sees(user, source.function) else None,
        promoted_to=list(promoted_to.select_related("function__environment")),
        undo=UndoOffer.of(release, user),
    )


def _frozen(release: Release) -> Frozen | None:
    """What keeps it waiting, once it is approved or half way out; nothing keeps a rollback."""
    stops_staging = staging_is_going_live(release)
    half_way = release.state == ReleaseState.PUBLISHING or (
        release.state in (ReleaseState.STAGING, ReleaseState.WITHDRAWING) and stops_staging
    )
    return frozen(release) if release.state in AT_ITS_GATE or half_way else None


def _latest(release: Release) -> Snapshot | None:
    return Snapshot.objects.filter(function=release.function_id, version="$LATEST").first()


def _live(release: Release) -> Version | None:
    live = release.function.live_version
    versions = Version.objects.select_related("release").filter(function=release.function_id)
    return versions.filter(number=live).first() if live else None


def _settings(round_: Round | None) -> list[configuration.Row]:
    if round_ is None:
        return []
    live, candidate = ((round_.parts.get(name) or {}) for name in ("baseline", "candidate"))
    return configuration.rows(live.get("configuration") or {}, candidate.get("configuration") or {})


def _calls(release: Release, most: int) -> Calls:
    calls = AwsCall.objects.filter(release=release)
    return Calls(list(calls.order_by("-pk")[:most]), calls.count())


def _events(release: Release, user: User) -> list[AuditEvent]:
    about = AuditEvent.objects.visible_to(user).filter(release_id=release.pk)
    return list(about.order_by(*NEWEST_FIRST)[:EVENTS_SHOWN])


def _since_shown(
    release: Release, rounds: list[Round], round_: Round | None, shown: str
) -> list[AuditEvent]:
    """Whose doing it is that the reader's page shows another fingerprint: by people, newest first.

    A change of the function's settings is about no release, so it is looked for by function.
    """
    if not shown or round_ is None or shown == round_.fingerprint:
        return []
    seen = next((each for each in rounds if each.fingerprint == shown), None)
    about = Q(release_id=release.pk, action__in=CHANGES) | Q(
        function_id=release.function_id, action="function.changed"
    )
    since = Q(at__gte=seen.opened_at) if seen else Q()
    return list(AuditEvent.objects.filter(about, since)[:3])


def _publish_was_sent(release: Release) -> bool:
    """Whether a version may exist, known or not: only then may the page not say that none does."""
    sent = AwsCall.objects.filter(release=release, operation="PublishVersion", is_write=True)
    return sent.exclude(status=CallStatus.ERROR).exists()


def _others(release: Release) -> list[Release]:
    """What is in flight of its function, and that of the queue which it may have to do with.

    For one that waits these are the newest older ones, whose place it may take. Two queries.
    """
    rows = Release.objects.filter(function=release.function_id).exclude(pk=release.pk)
    queue = rows.in_queue()
    if release.state == ReleaseState.QUEUED:
        queue = queue.filter(pk__lt=release.pk).order_by("-pk")
    return [*rows.in_flight(), *sorted(queue[:OTHERS_MOST], key=lambda each: each.turn)]


def _blocked_by(release: Release, others: list[Release]) -> Release | None:
    if release.state != ReleaseState.QUEUED:
        return None
    return next((each for each in others if each.state in IN_FLIGHT), None)


def _blocks(release: Release, others: list[Release]) -> list[Release]:
    if release.state not in IN_FLIGHT:
        return []
    return [each for each in others if each.state == ReleaseState.QUEUED]
