"""Functions under release management, and what Sluice last read of them from AWS."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pgtrigger
from django.contrib.postgres.indexes import OpClass
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property

from accounts.models import User
from releases.aws.types import LATEST
from releases.models.environments import Environment
from releases.models.grants import TEAM_NAME, covered_by, grants_of, sees_everything
from releases.models.policies import RULE_FIELDS, can_be_rules
from releases.rules import Rules
from releases.states import Gate
from releases.traffic import Left, is_only_on

# A function's `poll_problem` when AWS says that there is no such function.
GONE = "gone"
# Lambda's own pattern (facts H8): a number alone would be a version.
ALIAS_NAME = RegexValidator(
    r"^(?!\d+$)[a-zA-Z0-9_-]+$",
    "An alias is named with letters, digits, - and _, and not with digits alone.",
)

# Whoever moves the alias, in AWS or here: what was live stays known.
REMEMBER_LIVE = """
    IF TG_OP = 'UPDATE' AND OLD.live_version IS NOT DISTINCT FROM NEW.live_version THEN
        RETURN NULL;
    END IF;
    UPDATE releases_liveperiod SET until = clock_timestamp()
        WHERE function_id = NEW.id AND until IS NULL;
    IF NEW.live_version IS NOT NULL THEN
        INSERT INTO releases_liveperiod (function_id, number, since)
            VALUES (NEW.id, NEW.live_version, clock_timestamp());
    END IF;
    RETURN NULL;
"""


class FunctionQuerySet(models.QuerySet["Function"]):
    def visible_to(self, person: User) -> FunctionQuerySet:
        """What exists for this person: all of it, or what their grants cover."""
        return self if sees_everything(person) else self.filter(covered_by(grants_of(person)))

    def with_environment(self) -> FunctionQuerySet:
        return self.select_related("environment")

    def locked_with_environment(self) -> FunctionQuerySet:
        """The functions' rows are locked, and their environment's are not."""
        return self.select_for_update(of=("self",)).with_environment()

    def with_running_code(self) -> FunctionQuerySet:
        """Adds `running_code`: the CodeSha256 that callers ran when last read, or nothing."""
        live = Version.objects.filter(function=OuterRef("pk"), number=OuterRef("live_version"))
        code = Coalesce(Subquery(live.values("code_sha256")[:1]), Value(""))
        there = Alias.objects.filter(function=OuterRef("pk"), name=OuterRef("live_alias"))
        on_latest = Q(live_alias="") | Exists(there.filter(version=LATEST))
        running = Case(
            When(poll_problem=GONE, then=Value("")),
            When(live_version__isnull=False, then=code),
            When(on_latest, then=F("latest_code_sha256")),
            default=Value(""),
            output_field=models.CharField(),
        )
        # By name: a keyword would redefine what the class below says of its rows.
        added: dict[str, Any] = {"running_code": running}
        return self.annotate(**added)


class Function(models.Model):
    """A Lambda function under release management in one environment.

    The `live_*` and `latest_*` fields are what AWS said at `synced_at`: for display and for
    telling what changed, never the ground for a write. Writes read AWS first.
    """

    environment = models.ForeignKey(Environment, models.PROTECT, related_name="functions")
    name = models.CharField(max_length=64)
    arn = models.CharField(max_length=200)
    package_type = models.CharField(max_length=5, default="Zip")
    # Whose it is: roles are given for a team. Empty where nobody said.
    team = models.CharField(max_length=40, blank=True, db_index=True, validators=[TEAM_NAME])
    gate = models.CharField(max_length=12, choices=Gate, default=Gate.REVIEW_FIRST)
    # Rules of its own; all empty where it inherits its environment's.
    managers_required = models.PositiveSmallIntegerField(null=True)
    security_required = models.PositiveSmallIntegerField(null=True)
    approval_days = models.PositiveSmallIntegerField(null=True)
    rollback_people = models.PositiveSmallIntegerField(null=True)
    # Of the policy in force, wherever it stands: an inherited one that changes counts here, too.
    policy_version = models.PositiveIntegerField(default=1)
    live_alias = models.CharField(max_length=128, blank=True, validators=[ALIAS_NAME])
    creates_alias = models.BooleanField(default=False)
    handler = models.CharField(max_length=128, blank=True)
    runtime = models.CharField(max_length=64, blank=True)
    architectures = models.JSONField(default=list)
    latest_code_sha256 = models.CharField(max_length=64, blank=True)
    latest_revision_id = models.CharField(max_length=64, blank=True)
    latest_configuration = models.JSONField(default=dict)
    live_version = models.PositiveIntegerField(null=True)
    live_weights = models.JSONField(default=dict)
    # What the live alias pointed at before Sluice itself moved it last, and when that was.
    left_version = models.PositiveIntegerField(null=True)
    left_at = models.DateTimeField(null=True)
    synced_at = models.DateTimeField(null=True)
    # When a poll was last asked for, and the error that polls meet since it was said.
    polled_at = models.DateTimeField(null=True, db_index=True)
    poll_problem = models.CharField(max_length=80, blank=True)
    # When a sync saw that something moved, until a poll has looked; when versions were listed.
    moved_at = models.DateTimeField(null=True)
    versions_read_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = FunctionQuerySet.as_manager()
    if TYPE_CHECKING:
        # Only on rows of `with_running_code`.
        running_code: str

    class Meta:
        ordering = ["name", "environment__name"]
        # The same function elsewhere: where a release could be promoted to.
        indexes = [
            models.Index(fields=["name"], name="functions_by_name"),
            # By how it begins, for patterns and the search.
            models.Index(OpClass("name", "varchar_pattern_ops"), name="functions_by_prefix"),
            # Where a content is: the search by hash.
            models.Index(fields=["latest_code_sha256"], name="functions_by_latest_code"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["environment", "name"], name="one_function_by_name"),
            # Through two environments it would go by whichever policy asks for less.
            models.UniqueConstraint(fields=["arn"], name="one_function_by_arn"),
            models.CheckConstraint(
                condition=(can_be_rules() & Q(**{f"{name}__isnull": False for name in RULE_FIELDS}))
                | Q(**{f"{name}__isnull": True for name in RULE_FIELDS}),
                name="own_rules_or_inherited",
            ),
            # Stage first needs an alias: without one, staging is going live.
            models.CheckConstraint(
                condition=Q(gate=Gate.REVIEW_FIRST) | ~Q(live_alias=""),
                name="stage_first_needs_an_alias",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="live_is_remembered",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("live_version"),
                when=pgtrigger.After,
                func=REMEMBER_LIVE,
            )
        ]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def made_again_at(self) -> datetime | None:
        """When it was last seen that this is another function of the same name. One query."""
        replaced = Version.ever.filter(function=self, replaced_at__isnull=False)
        return replaced.order_by("-replaced_at").values_list("replaced_at", flat=True).first()

    @property
    def left(self) -> Left | None:
        if self.left_version is None or self.left_at is None:
            return None
        return Left(self.left_version, self.left_at)

    @property
    def traffic_comes_from(self) -> int | None:
        """The version that AWS still sends calls to while it moves them over by itself."""
        left = self.left
        moves = left and left.is_recent and is_only_on(self.live_weights, left.version)
        return left.version if left and moves else None

    @property
    def is_gone(self) -> bool:
        """Whether AWS said last that there is no such function."""
        return self.poll_problem == GONE

    @property
    def is_live_on_latest(self) -> bool:
        """Whether the live alias points at `$LATEST`, which is no version (facts H3). One query
        where no version is live."""
        if self.live_version is not None or not self.live_alias:
            return False
        return self.aliases.filter(name=self.live_alias, version=LATEST).exists()

    @property
    def inherits(self) -> bool:
        return self.managers_required is None

    @property
    def own_rules(self) -> Rules | None:
        return None if self.inherits else Rules(*(getattr(self, name) for name in RULE_FIELDS))

    @property
    def rules(self) -> Rules:
        """The policy in force. Rules of its own add to its environment's, and take nothing away:
        whatever becomes stricter there holds here, too."""
        own, inherited = self.own_rules, self.environment.rules
        return own.at_least(inherited) if own else inherited


class PresentVersions(models.Manager["Version"]):
    """The versions of the function that is in AWS now."""

    def get_queryset(self) -> models.QuerySet[Version]:
        return super().get_queryset().filter(replaced_at=None)


class Version(models.Model):
    """A published version. `release` is empty for those published outside Sluice.

    A function that was deleted and made again counts from 1 once more: versions of the one before
    are kept with `replaced_at`, and only `ever` finds them.
    """

    function = models.ForeignKey(Function, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    code_sha256 = models.CharField(max_length=64)
    code_size = models.BigIntegerField(default=0)
    description = models.CharField(max_length=256, blank=True)
    revision_id = models.CharField(max_length=64, blank=True)
    configuration = models.JSONField(default=dict)
    published_at = models.DateTimeField(null=True)
    release = models.ForeignKey(
        "releases.Release", models.PROTECT, null=True, related_name="versions"
    )
    was_live_when_added = models.BooleanField(default=False)
    replaced_at = models.DateTimeField(null=True)
    # When a listing of all versions did not show it any more: somebody deleted it in AWS.
    gone_at = models.DateTimeField(null=True)

    objects = PresentVersions()
    ever = models.Manager["Version"]()

    class Meta:
        ordering = [F("number").desc()]
        base_manager_name = "ever"
        indexes = [models.Index(fields=["code_sha256"], name="versions_by_code")]
        constraints = [
            models.UniqueConstraint(
                fields=["function", "number"],
                condition=Q(replaced_at=None),
                name="one_version_by_number",
            )
        ]

    def __str__(self) -> str:
        return f"v{self.number}"


class Alias(models.Model):
    function = models.ForeignKey(Function, models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=128)
    version = models.CharField(max_length=20)
    weights = models.JSONField(default=dict)
    revision_id = models.CharField(max_length=64)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "aliases"
        constraints = [
            models.UniqueConstraint(fields=["function", "name"], name="one_alias_by_name")
        ]

    def __str__(self) -> str:
        return self.name
