"""An upload is taken only from somebody who may bring it in when its last byte is here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from accounts.models import Role, User
from releases.actions.change_person import change_role, deactivate_person
from releases.actions.grants import take_role
from releases.actions.receive_upload import receive_upload
from releases.errors import NotAllowed
from releases.models import AuditEvent, Function, Grant, Intake
from tests.factories import FunctionFactory
from tests.scopes import within
from tests.world import HERE, package

pytestmark = pytest.mark.django_db


@pytest.fixture
def function() -> Function:
    return FunctionFactory.create(name="pay-api")


@pytest.fixture
def scoped(function: Function) -> User:
    return within(function, Role.DEVELOPER, username="scoped")


def upload(function: Function, by: User, meanwhile: Callable[[], object]) -> Intake:
    def chunks() -> Iterator[bytes]:
        whole = package("one")
        yield whole[:20]
        meanwhile()
        yield whole[20:]

    return receive_upload(
        function=function, stream_chunks=chunks(), name="pay.zip", by=by, origin=HERE
    )


def out(person: User, admin: User) -> None:
    deactivate_person(User.objects.get(pk=person.pk), by=admin, origin=HERE)


def another_role(person: User, admin: User) -> None:
    known = User.objects.get(pk=person.pk)
    change_role(known, Role.VIEWER, seen=known.role, by=admin, origin=HERE)


def another_scope(person: User, admin: User) -> None:
    take_role(Grant.objects.get(person=person), by=admin, origin=HERE)


@pytest.mark.parametrize(
    ("change", "reason"),
    [(out, "Your account is deactivated."), (another_role, "You are signed in as viewer.")],
)
def test_whoever_is_out_or_lost_the_role_meanwhile_brings_nothing_in(
    function: Function,
    developer: User,
    admin: User,
    change: Callable[[User, User], None],
    reason: str,
) -> None:
    with pytest.raises(NotAllowed, match=reason):
        upload(function, developer, lambda: change(developer, admin))
    assert not Intake.objects.exists()
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.data["label"]) == ("intake.not_taken", "pay.zip")


def test_whoever_lost_the_part_meanwhile_brings_nothing_in(
    function: Function, scoped: User, admin: User
) -> None:
    with pytest.raises(NotAllowed):
        upload(function, scoped, lambda: another_scope(scoped, admin))
    assert not Intake.objects.exists()


def test_whoever_still_may_does(function: Function, scoped: User) -> None:
    assert upload(function, scoped, lambda: None).person == scoped
