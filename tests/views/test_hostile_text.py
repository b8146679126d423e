"""Markup through every text field, file name and file: shown as it was typed, and never obeyed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from releases.models import AuditEvent, AuditExport, Comment, Function
from releases.pipeline import export as exporting
from tests.attempt_scene import Attempt, Scene
from tests.attempts import ADDRESSES
from tests.crawl import body_of, pages
from tests.factories import FunctionFactory
from tests.test_attempts import PLAIN, send
from tests.views.packages import compared, file, stored
from tests.world import package

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_kept")]
ClientFor = Callable[[User], Client]
MARK = "\"'><b-m4rk onload=alert(1)>{{7*7}}&lt;\u202egnp.exe\u2066"
FORMULA = "=m4rk|'/c calc'!A1"
OBEYED = re.compile("<b-m4rk|49&amp;lt;|[\u202a-\u202e\u2066-\u2069]")


def is_harmless(page: str) -> bool:
    return not OBEYED.search(page)


def marked(attempt: Attempt) -> Iterator[Attempt]:
    """The attempt once for each of its fields, with markup in it."""
    for name in attempt.data:
        yield Attempt(attempt.args, attempt.data | {name: MARK}, attempt.query, attempt.body)


@pytest.fixture
def told(client_for: ClientFor) -> list[str]:
    """All that the site answered while markup was sent to every field of every form."""
    scene, answers = Scene(), []
    for name in PLAIN:
        address = ADDRESSES[name]
        client = client_for(scene.people[address.by]) if address.by in scene.people else Client()
        for attempt in marked(address.make(scene)):
            answer = send(client, name, address, attempt)
            assert answer.status_code < 500, (name, attempt)
            if not answer.streaming:
                answers.append(body_of(answer).decode(errors="replace"))
    return answers


def test_no_page_obeys_what_was_typed(told: list[str], client_for: ClientFor) -> None:
    assert all(is_harmless(answer) for answer in told)
    everybody = {person.username: person for person in User.objects.all()}
    shown = pages(client_for(everybody["admin"]))
    assert [address for address, page in shown.items() if not is_harmless(page)] == []
    # It did arrive: in the history, on the pages, and as the text that it is.
    assert Comment.objects.filter(text=MARK).exists()
    assert AuditEvent.objects.filter(sentence__contains="b-m4rk").count() > 10
    assert sum("&lt;b-m4rk" in page for page in shown.values()) > 10


def test_names_of_files_and_what_is_in_them_are_text(browser: Client) -> None:
    path = f"lib/{MARK.replace('/', '')}.py"
    old, new = (stored({path: f"{MARK} {text}\n".encode()}) for text in ("one", "two"))
    release = compared(old, new)
    shown = pages(browser, start=reverse("releases:release", args=[release.pk]))
    assert is_harmless(file(browser, release, path))
    assert all(map(is_harmless, shown.values()))
    assert sum("&lt;b-m4rk" in page for page in shown.values()) > 2


def test_an_uploads_name_is_text(client_for: ClientFor, developer: User) -> None:
    client, function = client_for(developer), FunctionFactory.create()
    address = f"/intakes/upload/?function={function.pk}&name={quote(MARK)}"
    taken = client.generic("PUT", address, package("one")).json()
    assert is_harmless(client.get(taken["url"]).content.decode())
    assert is_harmless(client.get(f"/releases/new/?intake={taken['intake']}").content.decode())


def test_what_aws_says_is_text(client_for: ClientFor, viewer: User) -> None:
    function = FunctionFactory.create(name="checkout", handler=MARK, runtime=MARK)
    Function.objects.filter(pk=function.pk).update(poll_problem=MARK)
    page = client_for(viewer).get(f"/functions/{function.pk}/").content.decode()
    assert "b-m4rk" in page and is_harmless(page)


def test_no_cell_of_an_export_is_a_formula(
    client_for: ClientFor, manager: User, admin: User
) -> None:
    function = FunctionFactory.create()
    client = client_for(manager)
    client.post(f"/functions/{function.pk}/hold/", {"reason": FORMULA})
    client.post(reverse("releases:export_audit"), {"format": "csv"})
    export = AuditExport.objects.get()
    exporting.write(str(export.pk))
    answer = client.post(reverse("releases:download_audit", args=[export.pk]))
    rows = csv.reader(io.StringIO(body_of(answer).decode("utf-8-sig")))
    cells = [cell for row in rows for cell in row]
    assert any("m4rk" in cell for cell in cells)
    assert [cell for cell in cells if cell[:1] in tuple("=+-@\t\r") and cell] == []
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
