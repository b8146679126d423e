"""What the inspection of a package tells the person who brought it in."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from releases.models import Intake, IntakeState, Release, Version


@dataclass(frozen=True)
class IntakePanel:
    """`first` brought the same bytes in earlier; `released` was made of them."""

    intake: Intake
    first: Intake | None = None
    released: Release | None = None
    live: Version | None = None

    @property
    def is_waiting(self) -> bool:
        return self.intake.state in (IntakeState.RECEIVED, IntakeState.READING)

    @property
    def is_accepted(self) -> bool:
        return self.intake.state == IntakeState.ACCEPTED

    @property
    def is_refused(self) -> bool:
        return self.intake.state == IntakeState.REFUSED

    @classmethod
    def of(cls, intake: Intake, reader: User) -> IntakePanel:
        artifact = intake.artifact
        if artifact is None:
            return cls(intake)
        visible = Intake.objects.visible_to(reader).filter(artifact=artifact)
        earlier = visible.exclude(pk=intake.pk).filter(created_at__lt=intake.created_at)
        live = intake.function.versions.filter(
            number=intake.function.live_version or 0, code_sha256=artifact.code_sha256
        )
        made = artifact.releases.filter(function=intake.function)
        return cls(
            intake,
            first=earlier.select_related("person", "function").order_by("created_at").first(),
            released=made.order_by("-pk").first(),
            live=live.first(),
        )
