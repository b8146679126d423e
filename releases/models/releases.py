"""Releases, and what belongs to one: rounds, decisions, steps and the AWS calls made."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from releases.cause import present_click
from releases.models.artifacts import Artifact, ArtifactKind, Intake
from releases.models.comparisons import Compared
from releases.models.functions import Function
from releases.models.policies import HasRules, can_be_rules
from releases.models.scoped import ScopedQuerySet
from releases.models.snapshots import Snapshot
from releases.rules import Group
from releases.states import FINAL, IN_FLIGHT, MOVES, NEEDS_ATTENTION, WORKING, Gate, ReleaseState

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from releases.models.freezes import FreezeOverride


class ReleaseQuerySet(ScopedQuerySet["Release"]):
    def in_flight(self) -> ReleaseQuerySet:
        return self.filter(state__in=IN_FLIGHT)

    def waiting_for_people(self) -> ReleaseQuerySet:
        return self.filter(state=ReleaseState.AWAITING_APPROVAL)

    def needs_attention(self) -> ReleaseQuerySet:
        return self.filter(state__in=NEEDS_ATTENTION)

    def working(self) -> ReleaseQuerySet:
        return self.filter(state__in=WORKING)

    def in_queue(self) -> ReleaseQuerySet:
        """Those that wait for their turn, the next one of each function first."""
        return self.filter(state=ReleaseState.QUEUED).order_by(
            Coalesce(F("queue_place"), F("pk")), "pk"
        )

    def for_list(self) -> ReleaseQuerySet:
        return self.select_related("function__environment", "artifact", "requested_by")


class Release(models.Model):
    """The request to make one artifact (or the present `$LATEST`) the next version of a function.

    `gate`, `target_alias` and `creates_alias` are copied when the release is queued, so that a
    later change of the function's settings is seen as a change and not silently followed.
    """

    function = models.ForeignKey(Function, models.PROTECT, related_name="releases")
    artifact = models.ForeignKey(Artifact, models.PROTECT, null=True, related_name="releases")
    # Who brought these bytes in for this release; others may have brought the same ones before.
    intake = models.ForeignKey(Intake, models.PROTECT, null=True, related_name="releases")
    state = models.CharField(max_length=17, choices=ReleaseState, default=ReleaseState.DRAFT)
    gate = models.CharField(max_length=12, choices=Gate)
    target_alias = models.CharField(max_length=128, blank=True)
    creates_alias = models.BooleanField(default=False)
    description = models.CharField(max_length=256, blank=True)
    architecture = models.CharField(max_length=6, blank=True)
    git_commit = models.CharField(max_length=64, blank=True)
    change_url = models.URLField(max_length=500, blank=True)
    warnings = models.JSONField(default=list)
    # The release whose bytes these are, released before to this function in another environment.
    promoted_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="promotions")
    # A rollback of a function without an alias: the version whose code goes back. No hold stops
    # it, and it skips the gate where one person may roll back.
    rolls_back_to = models.PositiveIntegerField(null=True)
    skips_gate = models.BooleanField(default=False)
    # What its present round reviews was changed outside Sluice, or promoted from such a release.
    took_drift_in = models.BooleanField(default=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="releases"
    )
    round_number = models.PositiveIntegerField(default=1)
    # The place in the queue that it took over from the release it superseded; else its number.
    queue_place = models.BigIntegerField(null=True)
    # A person's wish: approved before that, it waits with its function's slot.
    not_before = models.DateTimeField(null=True)
    # What stood in AWS before we staged, and what stood there when we had; the way back.
    before_stage = models.ForeignKey(Snapshot, models.PROTECT, null=True, related_name="+")
    staged = models.ForeignKey(Snapshot, models.PROTECT, null=True, related_name="+")
    version_number = models.PositiveIntegerField(null=True)
    reused_version = models.BooleanField(default=False)
    # Where a withdrawal ends: `rejected` or `cancelled`.
    ends_as = models.CharField(max_length=17, blank=True)
    ends_because = models.TextField(blank=True)
    error_name = models.CharField(max_length=80, blank=True)
    error_message = models.TextField(blank=True)
    error_advice = models.TextField(blank=True)
    # The worker's: whose turn it is, when to go on, and when it was last put into the queue.
    attempt = models.UUIDField(null=True)
    due_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True)
    enqueued_at = models.DateTimeField(null=True)
    # The click that it is worked on for: what a worker does for it carries that request id.
    click = models.UUIDField(null=True, default=present_click, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(null=True)

    objects = ReleaseQuerySet.as_manager()
    if TYPE_CHECKING:
        rounds: RelatedManager[Round]
        overrides: RelatedManager[FreezeOverride]
        promotions: RelatedManager[Release]

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["function"],
                condition=Q(state__in=sorted(IN_FLIGHT)),
                name="one_release_in_flight_per_function",
            ),
            models.CheckConstraint(
                condition=Q(skips_gate=False) | Q(rolls_back_to__isnull=False),
                name="only_a_rollback_skips_the_gate",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReleaseState.RELEASED) | Q(version_number__isnull=False),
                name="released_means_published",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-id"], name="releases_by_state"),
            models.Index(fields=["function", "-id"], name="releases_by_function"),
            models.Index(OpClass("git_commit", "varchar_pattern_ops"), name="releases_by_commit"),
            GinIndex(SearchVector("description", config="simple"), name="releases_by_words"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="only_moves_of_the_table",
                field="state",
                transitions=[(source, to) for source, moves in MOVES.items() for to in moves],
            ),
            pgtrigger.Protect(name="is_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.reference

    @classmethod
    def of(cls, function: Function, **fields: Any) -> Release:
        """A release as the function's settings stand now; not saved yet."""
        settings_then = {
            "gate": function.gate,
            "target_alias": function.live_alias,
            "creates_alias": function.creates_alias,
        }
        return cls(function=function, **settings_then, **fields)

    @property
    def reference(self) -> str:
        return f"R-{self.pk}"

    @property
    def turn(self) -> tuple[int, int]:
        """What orders a function's queue, as `in_queue` does."""
        return (self.pk if self.queue_place is None else self.queue_place, self.pk)

    @property
    def is_final(self) -> bool:
        return self.state in FINAL

    @property
    def is_in_flight(self) -> bool:
        return self.state in IN_FLIGHT

    @property
    def runs_now(self) -> bool:
        """Whether callers run what it released, as far as AWS was read."""
        function = self.function
        if self.target_alias:
            return function.live_version == self.version_number
        code = self.artifact.code_sha256 if self.artifact else ""
        return not function.live_alias and bool(code) and code == function.latest_code_sha256

    @property
    def is_image(self) -> bool:
        """Whether its code is a container image, which has no files to compare."""
        if self.artifact:
            return self.artifact.kind == ArtifactKind.IMAGE
        return self.function.package_type == "Image"

    @property
    def image_uri(self) -> str:
        """Where its image comes from, if that is known: it may lie in several repositories."""
        if self.promoted_from and not self.intake:
            return self.promoted_from.image_uri
        known = self.intake or self.staged
        return known.image_uri if known else ""

    @property
    def current_round(self) -> Round | None:
        return self.rounds.filter(number=self.round_number).first()


class Round(HasRules, Compared):
    """One review of a release, by the rules of its time. Approvals given in it die with it.

    Compared are its candidate and its baseline.
    """

    release = models.ForeignKey(Release, models.PROTECT, related_name="rounds")
    number = models.PositiveIntegerField()
    fingerprint = models.CharField(max_length=64)
    # The fingerprint's parts, so that a person can be told which one moved.
    parts = models.JSONField()
    # What `$LATEST` was when this round began; moved without us = conflict.
    checked = models.ForeignKey(Snapshot, models.PROTECT, null=True, related_name="+")
    baseline = models.ForeignKey(Snapshot, models.PROTECT, null=True, related_name="+")
    baseline_alias_revision = models.CharField(max_length=64, blank=True)
    dry_run = models.CharField(max_length=12, blank=True)
    last_known_version = models.PositiveIntegerField(default=0)
    publish_token = models.UUIDField(default=uuid.uuid4, editable=False)
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)
    closed_because = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["release", "number"], name="one_round_by_number"),
            models.CheckConstraint(condition=can_be_rules(), name="round_can_be_rules"),
        ]

    def __str__(self) -> str:
        return f"{self.release.reference} round {self.number}"


class Verdict(models.TextChoices):
    APPROVE = "approve", "Approved"
    REJECT = "reject", "Rejected"


class Decision(models.Model):
    """One person's yes or no to exactly one fingerprint. Given or withdrawn, never edited."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="decisions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="decisions")
    # In which it was given; it counts while the person has it.
    role = models.CharField(max_length=20, choices=Group, default=Group.RELEASE_MANAGER)
    verdict = models.CharField(max_length=7, choices=Verdict)
    fingerprint = models.CharField(max_length=64)
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["decided_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "person"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_decision_per_person_and_round",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.get_verdict_display().lower()}"


class Authorship(models.Model):
    """Why a person may not approve a release, beyond having brought its bytes in."""

    ADOPTED = "adopted what was in AWS"
    AS_IT_STOOD = "released these bytes as they stood on $LATEST"
    # What is true of the bytes, and so goes along where they are promoted.
    OF_THE_BYTES = (ADOPTED, AS_IT_STOOD)

    release = models.ForeignKey(Release, models.PROTECT, related_name="authorships")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    because = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release", "person", "because"], name="one_authorship_by_reason"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.because}"

    @property
    def is_adoption(self) -> bool:
        return self.because == self.ADOPTED
