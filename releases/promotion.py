"""Promotion: the bytes of a release on their way to the same function in another environment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import prefetch_related_objects

from accounts.models import User
from releases import fingerprint, policy
from releases.models import Artifact, ArtifactKind, Authorship, Function, Release, Version
from releases.packages.errors import PackageError
from releases.packages.sizes import delivery
from releases.policy import Decision
from releases.rules import Rules
from releases.states import FINAL, ReleaseState


@dataclass(frozen=True)
class Promotion:
    """A release, one function that its bytes could go to, and what decides whether they may."""

    source: Release
    target: Function
    # Nothing if Sluice has never held the bytes behind `code_sha256`.
    artifact: Artifact | None
    code_sha256: str
    waiting: Release | None

    @property
    def is_live_there(self) -> bool:
        """All callers there ran exactly this code when Sluice last looked."""
        there = self.target
        return (
            bool(self.code_sha256) and there.running_code == self.code_sha256 and not self.is_split
        )

    @property
    def is_split(self) -> bool:
        return bool(self.target.live_weights)

    @property
    def registry(self) -> tuple[str, str] | None:
        """Account and Region of the image's repository; None for a zip."""
        if self.artifact is None or self.artifact.kind != ArtifactKind.IMAGE:
            return None
        uri = self.source.image_uri or self.artifact.image_uri
        host = uri.partition("/")[0].split(".")
        return (host[0], host[3]) if len(host) > 4 else None

    @property
    def foreign_registry(self) -> str:
        """The account that owns the image, if it is another one than the function's."""
        account = self.registry[0] if self.registry else ""
        return account if account != self.target.environment.account_id else ""

    @property
    def takes_drift_in(self) -> bool:
        """Whether its bytes came from outside Sluice, adopted or released as they stood."""
        adopted = self.source.authorships.filter(because=Authorship.ADOPTED)
        return self.source.took_drift_in or adopted.exists()

    @property
    def rules(self) -> Rules:
        """Whose approval it will need there; what was adopted needs one more wherever it goes."""
        adopted = self.takes_drift_in
        return self.target.rules.one_more() if adopted else self.target.rules


def promotions(
    releases: Iterable[Release], person: User | None = None
) -> dict[int, list[Promotion]]:
    """By release number, one promotion for each other environment that has the function; for a
    `person`, of those that they can see.

    At most five queries, however many releases, and two more if there are images among them; each
    needs its `function` and `artifact`.
    """
    sources = [each for each in releases if each.state == ReleaseState.RELEASED]
    if not sources:
        return {}
    prefetch_related_objects([each for each in sources if each.is_image], "intake", "staged")
    codes = _codes(sources)
    artifacts = _artifacts(sources, codes)
    names = {each.function.name for each in sources}
    targets = Function.objects.filter(name__in=names).with_environment().with_running_code()
    if person:
        targets = targets.visible_to(person)
    by_name: dict[str, list[Function]] = defaultdict(list)
    for target in targets:
        by_name[target.name].append(target)
    waiting = _waiting(targets, artifacts.values())
    found: dict[int, list[Promotion]] = {each.pk: [] for each in sources}
    for source in sources:
        artifact, code = artifacts.get(source.pk), codes.get(source.pk, "")
        for target in by_name[source.function.name]:
            if target.environment_id != source.function.environment_id:
                other = waiting.get((target.pk, artifact.pk)) if artifact else None
                found[source.pk].append(Promotion(source, target, artifact, code, other))
    return found


def promotion_to(source: Release, target: Function) -> Promotion | None:
    """None if the target is no function of the same name in another environment."""
    found = promotions([source]).get(source.pk, [])
    return next((each for each in found if each.target.pk == target.pk), None)


def can_promote(user: User, promotion: Promotion) -> Decision:
    """Whether this person may have these bytes released there, and whether there is need to."""
    may = policy.can_create_release(user, promotion.target)
    if not may:
        return may
    impossible = _impossible(promotion)
    if impossible:
        return policy.no(impossible)
    where = f"{promotion.target.name} in {promotion.target.environment}"
    if promotion.target.is_gone:
        return policy.not_now(f"{where} is not in AWS any more.")
    if promotion.waiting:
        other = promotion.waiting
        state = ReleaseState(other.state).label.lower()
        return policy.not_now(
            f"{other.reference} brings exactly these bytes to {where} already: it is {state}."
        )
    if promotion.is_live_there:
        return policy.not_now(f"Nothing to release: {where} runs exactly this code already.")
    return policy.YES


def _impossible(promotion: Promotion) -> str:
    """Why these bytes can never go there, whoever asks."""
    source, target, artifact = promotion.source, promotion.target, promotion.artifact
    where = f"{target.name} in {target.environment}"
    if target.package_type != source.function.package_type:
        return (
            f"{where} is deployed as {target.package_type},"
            f" but {source.reference} released a {source.function.package_type}."
        )
    if artifact is None:
        return (
            f"{source.reference} released $LATEST as it stood, and Sluice holds no copy of those"
            f" bytes ({fingerprint.short(promotion.code_sha256)}). Bring the package in for"
            f" {where} instead."
        )
    if promotion.registry and promotion.registry[1] != target.environment.region:
        return (
            f"The image is in {promotion.registry[1]}, and Lambda takes images only from its own"
            f" Region: {where} is in {target.environment.region}."
        )
    if artifact.kind == ArtifactKind.ZIP:
        try:
            delivery(artifact.size, has_bucket=bool(target.environment.staging_bucket))
        except PackageError as problem:
            return f"It cannot be delivered to {where}. {problem.message}"
    return ""


def _codes(sources: list[Release]) -> dict[int, str]:
    """By release, the CodeSha256 that it released."""
    published = Version.objects.filter(release__in=sources).values_list("release", "code_sha256")
    codes = {pk: code for pk, code in published if pk}
    return codes | {each.pk: each.artifact.code_sha256 for each in sources if each.artifact}


def _artifacts(sources: list[Release], codes: dict[int, str]) -> dict[int, Artifact]:
    """By release, its own artifact, or the one whose bytes were on `$LATEST`."""
    wanted = {codes.get(each.pk, "") for each in sources if each.artifact is None} - {""}
    known = {each.code_sha256: each for each in Artifact.objects.filter(code_sha256__in=wanted)}
    found = {each.pk: each.artifact or known.get(codes.get(each.pk, "")) for each in sources}
    return {pk: artifact for pk, artifact in found.items() if artifact}


def _waiting(
    targets: Iterable[Function], artifacts: Iterable[Artifact]
) -> dict[tuple[int, int], Release]:
    """By function and artifact, the release that is to bring the one to the other."""
    over = FINAL | {ReleaseState.DRAFT}
    rows = Release.objects.filter(
        function__in=[each.pk for each in targets], artifact__in={each.pk for each in artifacts}
    )
    unfinished = rows.exclude(state__in=over).order_by("-pk")
    return {(each.function_id, each.artifact_id or 0): each for each in unfinished}
