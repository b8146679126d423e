"""The people of `attempts.py` and what they act on, a request for each address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Role, User
from releases.models import (
    CodeComparison,
    Comparison,
    Drift,
    Freeze,
    Function,
    Hold,
    PolicyChange,
    Release,
    Rollback,
    RollbackState,
    Round,
    Version,
)
from releases.models.policies import columns
from releases.rules import Rules
from releases.states import ReleaseState
from tests.actions.drifts import change_memory, found, seeded
from tests.factories import FunctionFactory, UserFactory
from tests.rollbacks import three_published
from tests.views.scenes import a_release
from tests.world import World


@dataclass(frozen=True)
class Attempt:
    """One request: the arguments of its address, and what is sent."""

    args: tuple[Any, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    query: str = ""
    body: bytes | None = None
    # What the session holds by then, and a request that has to come before.
    session: dict[str, Any] = field(default_factory=dict)
    first: tuple[str, dict[str, Any]] | None = None


class Scene:
    """The people, and what they act on, made as it is asked for: nothing is shared."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world
        self.people = {
            "developer": self._person("developer", Role.DEVELOPER),
            "manager": self._person("manager", Role.RELEASE_MANAGER),
            "second-manager": self._person("second-manager", Role.RELEASE_MANAGER),
            "admin": self._person("admin", Role.ADMINISTRATOR),
            "viewer": self._person("viewer", Role.VIEWER),
        }

    def _person(self, name: str, role: Role) -> User:
        known = User.objects.filter(username=name).first()
        return known or UserFactory.create(username=name, role=role)

    def function(self) -> Function:
        """One that is in AWS, where this scene has an AWS."""
        return self.world.add() if self.world else FunctionFactory.create(live_version=2)

    def release(self, state: ReleaseState, **fields: Any) -> Release:
        return a_release(state, **fields)

    def failed(self, *, of: str = "round") -> Any:
        if of == "round":
            release = self.release(ReleaseState.AWAITING_APPROVAL)
            Round.objects.filter(release=release).update(comparison=Comparison.FAILED)
            return release
        return CodeComparison.objects.create(
            function=FunctionFactory.create(),
            old_sha256="a" * 44,
            new_sha256="b" * 44,
            comparison=Comparison.FAILED,
        )

    def drift(self) -> Drift:
        if self.world:
            seeded(self.world)
            change_memory(self.world)
            return found(self.world)
        return Drift.objects.create(
            function=FunctionFactory.create(), kinds=["configuration"], what=["MemorySize changed"]
        )

    def rollback(self, state: RollbackState) -> Rollback:
        function = self._published()
        return Rollback.objects.create(
            function=function,
            alias="live",
            from_version=function.live_version,
            to_version=1,
            reason="Checkout fails",
            requested_by=self.people["second-manager"],
            state=state,
            began_at=timezone.now(),
        )

    def _published(self) -> Function:
        if self.world:
            three_published(self.world)
            return self.world.function
        function = FunctionFactory.create(live_version=2)
        for number in (1, 2):
            Version.objects.create(function=function, number=number, code_sha256=f"{number}" * 44)
        return function

    def hold(self) -> Hold:
        by = self.people["manager"]
        return Hold.objects.create(function=FunctionFactory.create(), reason="Wait", placed_by=by)

    def freeze(self) -> Freeze:
        now = timezone.now()
        return Freeze.objects.create(
            reason="Black Friday",
            starts_at=now - timedelta(hours=1),
            ends_at=now + timedelta(hours=1),
            placed_by=self.people["manager"],
        )

    def policy_change(self) -> PolicyChange:
        before, after = columns(Rules(2)), columns(Rules(1))
        return PolicyChange.objects.create(
            function=FunctionFactory.create(),
            **{f"before_{name}": value for name, value in before.items()},
            **{f"after_{name}": value for name, value in after.items()},
            reason="Too slow",
            proposed_by=self.people["admin"],
        )


@dataclass(frozen=True)
class Address:
    """Who may, and the request that is valid; `in_aws` where AWS has to answer."""

    by: str
    make: Callable[[Scene], Attempt]
    in_aws: bool = False
    open_to_all: bool = False
    method: str = "POST"
