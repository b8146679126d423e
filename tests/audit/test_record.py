"""The history is append-only, and outlives what it describes."""

import ast
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory

from accounts.models import User
from releases.audit import Named, Origin, record
from releases.audit.sentences import SENTENCES
from releases.models import AuditEvent
from tests.factories import FunctionFactory, ReleaseFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(developer: User) -> AuditEvent:
    return record("person.signed_in", by=developer, origin=Origin(address="127.0.0.1"))


CHANGES = [
    "UPDATE releases_auditevent SET sentence = 'nothing happened'",
    "DELETE FROM releases_auditevent",
    "TRUNCATE releases_auditevent",
]


@pytest.mark.parametrize("statement", CHANGES)
def test_the_application_has_no_right_to_change_rows(event: AuditEvent, statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert AuditEvent.objects.get().sentence == "developer signed in"


@pytest.mark.parametrize("statement", CHANGES)
def test_not_even_the_owner_changes_rows(
    owner: psycopg.Connection, event: AuditEvent, statement: str
) -> None:
    with pytest.raises(psycopg.Error, match="append-only"):
        owner.execute(statement)
    assert AuditEvent.objects.get().sentence == "developer signed in"


def test_the_application_cannot_say_when_it_happened_nor_in_which_transaction(
    event: AuditEvent,
) -> None:
    columns = (
        "actor_name, actor_role, action, sentence, function_name, environment_name,"
        " objects_named, data, aws_request_ids, request_id, user_agent"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO releases_auditevent ({columns}, at, cluster, xid)"
            f" SELECT {columns}, '2020-01-01', 1, 1 FROM releases_auditevent"
        )
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        (xid,) = cursor.fetchone()
    event.refresh_from_db()
    copy = AuditEvent.objects.latest("pk")
    assert event.at < copy.at < event.at + timedelta(minutes=5)
    assert (copy.cluster, copy.xid) == (event.cluster, xid)


def test_names_are_copied(developer: User) -> None:
    function = FunctionFactory.create(name="checkout")
    event = record("function.read", by=developer, function=function, found="nothing new")
    function.delete()
    developer.username = "renamed"
    event.refresh_from_db()
    assert (event.actor_name, event.actor_role) == ("developer", "developer")
    assert (event.function_name, event.environment_name) == ("checkout", "production")


def test_a_rolled_back_change_leaves_no_event(developer: User) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record("person.signed_in", by=developer)
        _ = 1 / 0
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("said", "kept"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8::7", "2001:db8::7"), ("unknown", None), ("", None)],
)
def test_only_an_address_is_kept_as_one(rf: RequestFactory, said: str, kept: str | None) -> None:
    origin = Origin.of(rf.get("/", REMOTE_ADDR=said))
    event = record("person.signed_in", by=UserFactory.create(), origin=origin)
    event.refresh_from_db()
    assert event.address == kept


def test_an_unregistered_action_is_refused(developer: User) -> None:
    with pytest.raises(KeyError):
        record("release.improvised", by=developer)


def test_sluice_itself_is_named() -> None:
    release = ReleaseFactory.create()
    event = record("release.approved", by=None, release=release)
    assert (event.actor_name, event.actor_id, event.release_id) == ("Sluice", None, release.pk)


ACTIONS = Path(__file__).parents[2] / "releases" / "actions"


def functions_of(path: Path) -> dict[str, ast.FunctionDef]:
    found = ast.parse(path.read_text()).body
    return {each.name: each for each in found if isinstance(each, ast.FunctionDef)}


MODULES = {path.stem: functions_of(path) for path in ACTIONS.glob("*.py")}
PUBLIC = [
    (module, name)
    for module, functions in MODULES.items()
    for name, function in functions.items()
    # These are no actions: some record those that were refused, one is a part of two actions.
    if not name.startswith(("_", "refused"))
    and name not in ("recorded_refusal", "decide")
    and "by" in {arg.arg for arg in function.args.kwonlyargs}
]


def always_records(node: ast.AST, module: str) -> bool:
    """Whether every way through `node`, short of leaving it early, calls `record`."""
    if isinstance(node, ast.If):
        ways = node.body, node.orelse
        return all(any(always_records(each, module) for each in way) for way in ways)
    if isinstance(node, ast.IfExp | ast.For | ast.While | ast.ExceptHandler):
        return False
    called = node.func if isinstance(node, ast.Call) else None
    if isinstance(called, ast.Name) and records(module, called.id):
        return True
    return any(always_records(each, module) for each in ast.iter_child_nodes(node))


def records(module: str, name: str) -> bool:
    """Whether it calls `record`, by itself or through functions of the actions."""
    if name == "record":
        return True
    homes = [module] if name in MODULES[module] else [m for m in MODULES if name in MODULES[m]]
    return any(always_records(MODULES[home][name], home) for home in homes)


@pytest.mark.parametrize(("module", "name"), PUBLIC)
def test_every_action_records(module: str, name: str) -> None:
    """An action that does not always leave a word in the history is a mistake."""
    assert records(module, name)


def test_sentences_end_without_a_stop_and_name_an_actor_or_object() -> None:
    assert [name for name, text in SENTENCES.items() if text.endswith(".") or "{" not in text] == []


def test_an_event_names_the_transaction_that_wrote_it(developer: User) -> None:
    event = record("person.signed_in", by=developer)
    event.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_current_xact_id()::text::bigint, system_identifier FROM pg_control_system()"
        )
        assert cursor.fetchone() == (event.xid, event.cluster)


def test_what_changed_and_what_else_it_speaks_of_is_kept(developer: User) -> None:
    event = record(
        "person.signed_in",
        by=developer,
        about=[Named("version", 7, "42")],
        before={"approvals": 1},
        after={"approvals": 2},
        aws_request_ids=["8a1c"],
    )
    event.refresh_from_db()
    assert event.objects_named == [{"kind": "version", "id": 7, "name": "42"}]
    assert (event.before, event.after) == ({"approvals": 1}, {"approvals": 2})
    assert event.aws_request_ids == ["8a1c"]
