"""What can be attempted with roles for a part, and with the teams that they may be for."""

from __future__ import annotations

from accounts.models import Role
from releases.models import Function
from tests.attempt_scene import Address, Attempt, Scene
from tests.factories import UserFactory
from tests.scopes import give


def named_team(scene: Scene) -> Attempt:
    return Attempt((scene.function().pk,), {"team": f"team-{Function.objects.count()}"})


def role_given(scene: Scene) -> Attempt:
    person = UserFactory.create()
    return Attempt((person.pk,), {"role": "developer", "kind": "pattern", "pattern": "pay-*"})


def role_to_take(scene: Scene) -> Attempt:
    person = give(UserFactory.create(), Role.DEVELOPER, pattern="pay-*")
    return Attempt((person.pk, person.grants.get().pk))


GRANT_ADDRESSES = {
    "releases:function_team": Address("admin", named_team),
    "releases:grants": Address("admin", role_given),
    "releases:take_grant": Address("admin", role_to_take),
}
