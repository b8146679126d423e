"""People: signing in and out is recorded, and accounts are made on the command line."""

import io
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Role, User
from releases.models import AuditEvent

pytestmark = pytest.mark.django_db
GOOD = "a long password for tests"


@pytest.fixture
def somebody() -> User:
    return User.objects.create_user("somebody", password=GOOD, role=Role.VIEWER)


def sign_in(client: Client, username: str, password: str) -> int:
    return client.post("/accounts/login/", {"login": username, "password": password}).status_code


def make(username: str, role: str, *options: str) -> str:
    out = io.StringIO()
    call_command("person", username, "--role", role, *options, stdout=out)
    return out.getvalue()


def test_signing_in_and_out_is_recorded(client: Client, somebody: User) -> None:
    assert sign_in(client, "somebody", GOOD) == 302
    client.post("/accounts/logout/")
    actions = AuditEvent.objects.order_by("pk").values_list("action", "actor_name")
    assert list(actions) == [
        ("person.signed_in", "somebody"),
        ("person.signed_out", "somebody"),
    ]


def test_a_failed_sign_in_is_recorded_without_the_password(client: Client, somebody: User) -> None:
    sign_in(client, "somebody", "planted-wrong-password")
    event = AuditEvent.objects.get()
    assert event.sentence == "A sign-in as somebody failed"
    assert "planted" not in str(event.data)


def test_nobody_signs_up_alone(client: Client) -> None:
    assert client.get("/accounts/signup/").status_code == 404


def test_a_deactivated_person_cannot_sign_in(client: Client, somebody: User) -> None:
    make("somebody", "viewer", "--deactivate")
    sign_in(client, "somebody", GOOD)
    assert "_auth_user_id" not in client.session
    assert "This account is deactivated" in client.get("/accounts/login/").content.decode()
    event = AuditEvent.objects.latest("pk")
    assert event.sentence == "somebody was not allowed to sign in: this account is deactivated"


def test_an_account_is_made(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{GOOD}\n"))
    assert make("boss", "release_manager") == "boss is release manager, active.\n"
    assert sign_in(client, "boss", GOOD) == 302
    assert AuditEvent.objects.filter(action="person.added").exists()


def test_a_weak_password_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("123\n"))
    with pytest.raises(CommandError, match="too short"):
        make("boss", "viewer")
    assert not User.objects.exists()


def test_a_role_is_changed(somebody: User) -> None:
    make("somebody", "auditor")
    somebody.refresh_from_db()
    assert somebody.role == Role.AUDITOR
    event = AuditEvent.objects.get(action="person.changed")
    assert event.before == {"role": "viewer", "is_active": True}
    assert event.after == {"role": "auditor", "is_active": True}
    assert event.objects_named == [{"kind": "person", "id": somebody.pk, "name": "somebody"}]


def test_deactivating_tells_what_it_was_before(somebody: User) -> None:
    make("somebody", "viewer", "--deactivate")
    event = AuditEvent.objects.get(action="person.changed")
    assert (event.before, event.after) == (
        {"role": "viewer", "is_active": True},
        {"role": "viewer", "is_active": False},
    )


def test_a_name_that_nobody_has_is_not_kept(client: Client) -> None:
    """It may be a password, typed into the wrong field."""
    sign_in(client, "planted-password", "x")
    assert AuditEvent.objects.get().sentence == "A sign-in as somebody unknown failed"


def test_a_flood_of_sign_ins_leaves_a_bounded_number_of_rows(
    client: Client, somebody: User, settings: Any
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/m/ip", "login": "100/m/ip"}
    cache.clear()
    for _ in range(12):
        sign_in(client, "somebody", "wrong")
    cache.clear()
    actions = AuditEvent.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["person.sign_in_failed"] * 3 + ["person.sign_in_limited"]


def test_the_last_administrator_is_kept_on_the_command_line_too(admin: User) -> None:
    for change in (["viewer"], ["administrator", "--deactivate"]):
        with pytest.raises(CommandError, match=r"admin is the last active administrator\."):
            make("admin", *change)
    admin.refresh_from_db()
    assert (admin.role, admin.is_active) == (Role.ADMINISTRATOR, True)


def test_who_is_deactivated_on_the_command_line_is_signed_out(
    client: Client, somebody: User
) -> None:
    sign_in(client, "somebody", GOOD)
    make("somebody", "viewer", "--deactivate")
    assert client.get("/").status_code == 302
    make("somebody", "viewer")
    assert client.get("/").status_code == 302


def test_who_forgot_their_password_gets_a_new_one_and_is_signed_out(
    client: Client, somebody: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, "somebody", GOOD)
    monkeypatch.setattr("sys.stdin", io.StringIO("another password for tests\n"))
    call_command("person", "somebody", "--new-password", stdout=io.StringIO())
    assert client.get("/").status_code == 302
    assert sign_in(client, "somebody", "another password for tests") == 302
    event = AuditEvent.objects.get(action="person.password_given")
    assert event.sentence == (
        "somebody was given a new password on the command line, and is signed out everywhere"
    )
    assert "another password" not in str(event.data)
    somebody.refresh_from_db()
    assert (somebody.role, somebody.is_active) == (Role.VIEWER, True)


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("nobody", ["--new-password"], "There is no account nobody: make it with --role."),
        ("somebody", ["--new-password", "--deactivate"], "--deactivate goes with --role"),
        ("somebody", [], "one of the arguments --role --new-password is required"),
    ],
)
def test_a_new_password_is_for_an_account_that_exists_and_changes_nothing_else(
    somebody: User, name: str, options: list[str], says: str
) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("person", name, *options)
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("command", "instead", "said"),
    [
        (["changepassword", "somebody"], "manage.py person somebody --new-password",
         "could not change the password of somebody"),
        (["createsuperuser", "--noinput", "--username", "root"],
         "manage.py person root --role administrator", "could not make a superuser of root"),
        (["createsuperuser"], "manage.py person NAME --role administrator",
         "could not make a superuser of NAME"),
    ],
)  # fmt: skip
def test_what_django_brings_is_refused_and_says_what_to_run(
    somebody: User, command: list[str], instead: str, said: str
) -> None:
    """They would change an account and leave no row."""
    password = somebody.password
    with pytest.raises(CommandError, match=f"Run: {instead}$"):
        call_command(*command)
    somebody.refresh_from_db()
    assert somebody.password == password and User.objects.count() == 1
    assert said in AuditEvent.objects.get(action="person.change_refused").sentence
