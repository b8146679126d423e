"""What can be attempted with people: for `attempts.py`."""

from __future__ import annotations

from collections.abc import Callable

from accounts.models import Invitation, Role, User
from releases.actions.break_glass import print_codes
from releases.actions.invite import invite
from tests.attempt_scene import Address, Attempt, Scene
from tests.signing_in import PASSWORD
from tests.world import HERE


def of_person(**data: str) -> Callable[[Scene], Attempt]:
    """A click on the page of somebody who is a viewer."""
    return lambda scene: Attempt((_somebody(scene).pk,), {"seen": "viewer"} | data)


def out(scene: Scene) -> Attempt:
    person = _somebody(scene)
    User.objects.filter(pk=person.pk).update(is_active=False)
    return Attempt((person.pk,))


def _somebody(scene: Scene) -> User:
    return User.objects.create_user(f"somebody-{User.objects.count()}")


def of_invitation(scene: Scene) -> Attempt:
    return Attempt((_invited(scene)[0].pk,))


def joining(scene: Scene) -> Attempt:
    return Attempt(data={"code": _invited(scene)[1], "password": PASSWORD, "again": PASSWORD})


def _invited(scene: Scene) -> tuple[Invitation, str]:
    number = Invitation.objects.count()
    return invite(
        f"invited-{number}", f"Invited {number}", Role.DEVELOPER,
        by=scene.people["admin"], origin=HERE,
    )  # fmt: skip


def with_codes(scene: Scene) -> Attempt:
    holder = scene.people["second-manager"]
    print_codes(holder, by=scene.people["admin"], origin=HERE)
    return Attempt((holder.pk,))


def breaking_glass(scene: Scene) -> Attempt:
    holder = scene.people["second-manager"]
    code, *_ = print_codes(holder, by=scene.people["admin"], origin=HERE)
    return Attempt(data={"username": holder.username, "code": code})


OF_PEOPLE: dict[str, Address] = {
    "releases:change_role": Address("admin", of_person(role="auditor")),
    "releases:deactivate": Address("admin", of_person()),
    "releases:reactivate": Address("admin", out),
    "releases:invite": Address(
        "admin",
        lambda scene: Attempt(data={"username": "new", "name": "New One", "role": "viewer"}),
    ),
    "releases:revoke_invitation": Address("admin", of_invitation),
    "releases:join": Address("nobody", joining),
    "releases:print_codes": Address("admin", with_codes),
    "releases:revoke_codes": Address("admin", with_codes),
    "releases:break_glass": Address("nobody", breaking_glass),
}
