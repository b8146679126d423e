"""What a signed-in person sent and could not be used leaves a row, once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from releases.models import AuditEvent
from tests.factories import FunctionFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


def told() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_a_form_that_is_not_right_leaves_a_row(client_for: ClientFor, manager: User) -> None:
    function, client = FunctionFactory.create(), client_for(manager)
    before = told()
    answer = client.post(f"/functions/{function.pk}/hold/", {"reason": " "})
    assert answer.status_code == 422
    assert told() == [*before, "person.refused"]
    event = AuditEvent.objects.latest("pk")
    assert event.sentence == (
        f"manager was refused at /functions/{function.pk}/hold/:"
        " What was sent was incomplete or not right."
    )
    assert event.address == "127.0.0.1"


def test_what_its_action_tells_of_is_told_once(client_for: ClientFor, developer: User) -> None:
    function, client = FunctionFactory.create(), client_for(developer)
    before = told()
    address = f"/intakes/upload/?function={function.pk}&name=a.zip"
    answer = client.put(address, b"", content_type="application/octet-stream")
    assert answer.status_code == 422
    assert told() == [*before, "intake.not_taken"]


def test_a_view_without_a_name_leaves_a_row(client_for: ClientFor, auditor: User) -> None:
    client = client_for(auditor)
    before = told()
    client.post("/audit/views/", {"query": "who=Ines", "name": ""})
    assert told() == [*before, "person.refused"]
