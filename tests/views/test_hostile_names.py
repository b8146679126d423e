"""Names out of a package mislead nobody: wherever they are shown, they are spelled out."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from releases.models import AuditEvent, Intake
from tests.factories import FunctionFactory
from tests.packages.zips import zip_of
from tests.views.packages import compared, file, get, stored
from tests.world import package

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_kept")]
ClientFor = Callable[[User], Client]
NAME, SPELLED = "p\u0430y\u202etxt.py", r"p\u0430y\u202etxt.py"
# Where scripts and addresses need the name itself; nobody reads it there.
UNSEEN = re.compile(r'data-path="[^"]*"')


def shown(page: str) -> str:
    return UNSEEN.sub("", page)


@pytest.mark.parametrize("part", ["", "changes/more/?from=0", "changes/tree/?from=0"])
def test_the_lists_of_files_spell_them_out(browser: Client, part: str) -> None:
    old, new = stored({f"lib/{NAME}": b"a\n"}), stored({f"lib/{NAME}": b"b\n"})
    text = shown(get(browser, compared(old, new), part))
    assert SPELLED in text and "\u202e" not in text and "\u0430" not in text


def test_the_page_of_a_file_spells_it_out(browser: Client) -> None:
    old, new = stored({NAME: b"a\n", "x.py": b"1"}), stored({f"z/{NAME}": b"a\n", "x.py": b"2"})
    release = compared(old, new)
    for page in (
        file(browser, release, f"z/{NAME}"),
        get(browser, release, "changes/", path="x.py"),
    ):
        assert SPELLED in page and "\u202e" not in shown(page) and "\u0430" not in shown(page)


def test_an_archive_in_a_package_spells_its_names_out(browser: Client) -> None:
    old, new = (stored({"a.jar": zip_of({NAME: text})}) for text in (b"1", b"2"))
    text = shown(file(browser, compared(old, new), "a.jar"))
    assert SPELLED in text and "\u202e" not in text


def test_an_uploads_name_is_spelled_out_for_good(client_for: ClientFor, developer: User) -> None:
    function = FunctionFactory.create()
    address = f"/intakes/upload/?function={function.pk}&name={NAME}"
    answer = client_for(developer).generic("PUT", address, package("one"))
    assert answer.status_code == 201
    assert Intake.objects.get().label == SPELLED
    assert SPELLED in AuditEvent.objects.get(action="intake.received").sentence
