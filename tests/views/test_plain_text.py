"""A NUL is refused before any view, and no address or form of a person ends in a 500."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from releases.models import AuditEvent, AuditExport, AuditView, Decision
from releases.states import ReleaseState
from releases.views import intakes
from tests.factories import FunctionFactory, ReleaseFactory, with_round

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


@pytest.mark.parametrize(
    "address",
    [
        "/audit/?q=a%00b",
        "/audit/?who=%00",
        "/audit/?action=%00",
        "/releases/?q=%00",
        "/functions/?q=%00",
        "/?env=%00",
        "/?%00=1",
    ],
)
def test_a_nul_in_an_address_is_refused(client_for: ClientFor, viewer: User, address: str) -> None:
    answer = client_for(viewer).get(address)
    assert answer.status_code == 400
    assert "could not read this request" in answer.content.decode()


@pytest.mark.parametrize("verb", ["approve", "reject", "cancel"])
def test_a_nul_in_a_note_is_refused(client_for: ClientFor, manager: User, verb: str) -> None:
    release = with_round(ReleaseFactory.create(state=ReleaseState.AWAITING_APPROVAL))
    typed = {"note": "no\x00te", "fingerprint": release.rounds.get().fingerprint}
    answer = client_for(manager).post(f"/releases/{release.pk}/{verb}/", typed)
    assert answer.status_code == 400
    assert not Decision.objects.exists()


def test_a_nul_in_a_files_name_is_refused_before_the_body_is_read(
    client_for: ClientFor, developer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(intakes, "receive_upload")
    function = FunctionFactory.create()
    address = f"/intakes/upload/?function={function.pk}&name=a%00.zip"
    assert client_for(developer).put(address, b"zip").status_code == 400


@pytest.mark.parametrize("name", ["views", "exports"])
def test_a_nul_in_a_filter_that_a_form_brings_is_refused_and_leaves_a_row(
    client_for: ClientFor, auditor: User, name: str
) -> None:
    """Inside of the query, whose own escapes the form's do not undo."""
    typed = {"query": "who=a%00b", "name": "Mine", "format": "csv"}
    answer = client_for(auditor).post(f"/audit/{name}/", typed)
    assert answer.status_code == 400
    assert AuditEvent.objects.latest("pk").sentence == (
        f"auditor was refused at /audit/{name}/: What was sent was incomplete or not right."
    )
    assert not AuditView.objects.exists() and not AuditExport.objects.exists()


def test_a_nul_in_an_address_that_leads_nowhere_leaves_a_row_without_it(
    client_for: ClientFor, viewer: User
) -> None:
    assert client_for(viewer).post("/nothing/%00here/").status_code == 404
    event = AuditEvent.objects.latest("pk")
    assert event.sentence.startswith("viewer was refused at /nothing/here/: ")


def test_what_turns_text_around_is_spelled_out_on_pages(
    client_for: ClientFor, manager: User
) -> None:
    client, release = client_for(manager), ReleaseFactory.create()
    typed = "Only this\u202eword\u202c, naïve, \u05d0"
    client.post(f"/releases/{release.pk}/comment/", {"text": typed})
    assert release.comments.get().text == typed
    for address in (f"/releases/{release.pk}/", "/search/?q=%E2%80%AE", "/nothing/%E2%80%AE/"):
        answer = client.get(address)
        page = answer.content.decode()
        assert not any(each in page for each in "\u202e\u202c"), address
        assert int(answer.headers["Content-Length"]) == len(answer.content)
    shown = client.get(f"/releases/{release.pk}/").content.decode()
    assert "Only this\\u202eword\\u202c, naïve, \u05d0" in shown


def test_a_signed_out_person_is_asked_to_sign_in(client: Client) -> None:
    assert client.get("/audit/?q=%00").status_code == 302


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2024-02-30", "-1"])
@pytest.mark.parametrize("end", ["from", "to"])
def test_any_day_is_answered(client_for: ClientFor, viewer: User, end: str, day: str) -> None:
    assert client_for(viewer).get(f"/audit/?{end}={day}").status_code == 200
