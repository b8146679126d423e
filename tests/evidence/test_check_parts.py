"""Parts of a pack that tell something else than its events are named, by whoever has no Sluice."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from releases.audit import record
from releases.evidence import check_parts, went_live
from releases.evidence.approvals import COUNTS, EARLIER, TAKEN_BACK
from releases.evidence.scope import AROUND, SINCE
from releases.evidence.written import LIVE, sheet
from releases.models import AuditEvent, Release
from releases.states import ReleaseState
from tests.audit.conftest import Tamper, tamper
from tests.evidence.conftest import Kept, downloaded
from tests.evidence.test_check_evidence import change, check
from tests.sealing import seal_all
from tests.views.scenes import a_release, fingerprint_of

Forge = Callable[[Any], None]
__all__ = ["tamper"]


@dataclass(frozen=True)
class Told:
    """The pack of a day, unpacked, and the events that forgers like to name."""

    folder: Path
    put_back: Release

    @property
    def story(self) -> Any:
        return json.loads((self.folder / "evidence.json").read_text())

    def event(self, action: str) -> Any:
        return next(each for each in self.story["events"] if each["action"] == action)


_days: list[tuple[bytes, Release]] = []


@pytest.fixture
def day(transactional_db: None, request: pytest.FixtureRequest, tmp_path: Path) -> Told:
    """Made once: whoever checks it has nothing but its files, and each test forges its own."""
    if not _days:
        names = ("released", "manager", "second_manager", "tamper", "reader")
        _days.append(taken_away(*map(request.getfixturevalue, names)))
    pack, back = _days[0]
    return Told(Kept(pack, tmp_path).unpacked(tmp_path / "pack"), back)


def taken_away(
    released: Release, manager: User, second_manager: User, tamper: Tamper, reader: Client
) -> tuple[bytes, Release]:
    """Requested the day before, approved twice by one person, put back, rolled back, and on."""
    function = released.function
    given = AuditEvent.objects.get(action="release.approval_given")
    before = timezone.now() - timedelta(days=1)
    requested = f"UPDATE releases_auditevent SET at = '{before.isoformat()}' WHERE id <= {given.pk}"
    back = a_release(ReleaseState.RELEASED, function=function, skips_gate=True, rolls_back_to=1)
    record("rollback.put_back", by=manager, release=back, to=1, reason="It fails", skips_gate=True)
    for who in (second_manager, second_manager):
        record("release.approval_given", by=who, release=released, count=2, required=2, note="",
               fingerprint=fingerprint_of(released))  # fmt: skip
    record("release.released", by=None, release=back, what="$LATEST is version 3")
    rollback: dict[str, Any] = {"function": function, "to": 1, "rollback": 7}
    record("rollback.seconded", by=second_manager, requester="manager", **rollback)
    record("rollback.started", by=manager, was="v2", reason="It fails", **rollback)
    record("rollback.done", by=None, alias="live", requester="manager", by_aws="", **rollback)
    record("function.drifted", by=None, function=function, detail="tomorrow's memory")
    after = (timezone.now() + timedelta(days=1)).isoformat()
    last = AuditEvent.objects.latest("pk").pk
    tomorrow = f"UPDATE releases_auditevent SET at = '{after}' WHERE id = {last}"
    tamper(requested, tomorrow)
    seal_all()
    here = f"/evidence/days/zip/?from={timezone.now():%Y-%m-%d}&function=checkout"
    return downloaded(reader, here), back


def forged(told: Told, forge: Forge) -> tuple[int, str]:
    """Check it with evidence.json as `forge` makes it, and the sheet of what went live with it."""
    change(told.folder, "evidence.json", forge)
    rows = [
        line | {"approved": [f"{each['actor_name']} ({each['actor_role']})"
                             for each in line["approved_by"]]}
        for line in told.story["went_live"]
    ]  # fmt: skip
    (told.folder / "went_live.csv").write_bytes(sheet(LIVE, rows).encode())
    return check(told.folder)


def reference(event: Any) -> dict[str, Any]:
    names = ("at", "action", "sentence", "actor_name", "actor_role")
    return {"event": event["id"]} | {name: event[name] for name in names}


def line_of(shown: Any, action: str) -> Any:
    return next(each for each in shown["went_live"] if each["action"] == action)


def test_a_day_with_all_of_it_holds(day: Told) -> None:
    status, words = forged(day, lambda shown: None)
    assert status == 0, words
    people = [
        ([each["actor_name"] for each in line["approved_by"]], line["why_nobody"])
        for line in day.story["went_live"]
    ]
    assert people == [
        (["manager", "second-manager"], ""),
        ([], "Nobody: it did not come through Sluice"),
        ([], "Nobody: a rollback needs no gate"),
        (["second-manager", "manager"], ""),
    ]


def test_the_script_says_what_sluice_says() -> None:
    assert {kind.value: kind.label for kind in went_live.Kind} == check_parts.LIVE
    assert (check_parts.AROUND, check_parts.SINCE) == (AROUND, SINCE)
    words = (check_parts.COUNTS, check_parts.TAKEN_BACK, check_parts.EARLIER)
    assert words == (COUNTS, TAKEN_BACK, EARLIER)
    nobody = (check_parts.OUTSIDE, check_parts.NO_GATE, check_parts.NO_APPROVAL)
    assert nobody == (went_live.OUTSIDE, went_live.NO_GATE, went_live.NO_APPROVAL)


# --- forged in each way --------------------------------------------------------------------------
def the_opening_of_a_review_as_approver(told: Told) -> Forge:
    def forge(shown: Any) -> None:
        line_of(shown, "release.released")["approved_by"] = [
            reference(told.event("release.round_opened"))
        ]

    return forge


def an_approver_fewer(told: Told) -> Forge:
    return lambda shown: line_of(shown, "release.released")["approved_by"].pop()


def an_approver_twice(told: Told) -> Forge:
    def forge(shown: Any) -> None:
        people = line_of(shown, "release.released")["approved_by"]
        people.append(people[-1])

    return forge


def nobody_at_all(told: Told) -> Forge:
    def forge(shown: Any) -> None:
        line = line_of(shown, "release.released")
        line.update(approved_by=[], why_nobody="No approval is in the history")

    return forge


def no_person_behind_a_rollback(told: Told) -> Forge:
    def forge(shown: Any) -> None:
        line = line_of(shown, "rollback.done")
        line.update(approved_by=[], why_nobody="No approval is in the history")

    return forge


def a_release_called_drift(told: Told) -> Forge:
    return lambda shown: line_of(shown, "release.released").update(kind="Outside Sluice")


def a_drift_that_needs_no_gate(told: Told) -> Forge:
    words = "Nobody: a rollback needs no gate"
    return lambda shown: line_of(shown, "function.drifted").update(why_nobody=words)


def a_rollback_that_lacks_approval(told: Told) -> Forge:
    words = "No approval is in the history"
    return lambda shown: shown["went_live"][2].update(why_nobody=words)


def another_way_around_the_gate(told: Told) -> Forge:
    return lambda shown: shown["around_the_gate"][0].update(how="A test, all approved")


def no_releases(told: Told) -> Forge:
    return lambda shown: shown["releases"].clear()


def one_release_twice(told: Told) -> Forge:
    return lambda shown: shown["releases"].append(shown["releases"][0])


def a_release_of_another_name(told: Told) -> Forge:
    return lambda shown: shown["releases"][0].update(reference="R-999")


def an_approval_that_is_none(told: Told) -> Forge:
    def forge(shown: Any) -> None:
        shown["releases"][0]["approvals"].append(
            reference(told.event("release.round_opened"))
            | {"standing": "for what was reviewed last"}
        )

    return forge


def what_went_live_as_what_came_after(told: Told) -> Forge:
    def forge(shown: Any) -> None:
        line = shown["went_live"].pop(0)
        shown["since"].insert(0, {name: line[name] for name in ("event", "sentence")})

    return forge


def what_came_after_as_what_went_live(told: Told) -> Forge:
    def forge(shown: Any) -> None:
        line = {"kind": "Outside Sluice", "approved_by": [], "function_name": "checkout",
                "why_nobody": "Nobody: it did not come through Sluice"}  # fmt: skip
        shown["went_live"].append(shown["since"].pop() | line)

    return forge


def another_day(told: Told) -> Forge:
    return lambda shown: shown.update(covers="checkout, 1 January 2020")


def one_release_of_a_day(told: Told) -> Forge:
    return lambda shown: shown.update(release_id=told.put_back.pk)


MEANT = r"where it does not belong"
FORGED: list[tuple[Callable[[Told], Forge], str]] = [
    (
        the_opening_of_a_review_as_approver,
        r"manager approved.*left out of the people who approved event",
    ),
    (an_approver_fewer, r"second-manager approved.*left out of the people who approved event"),
    (an_approver_twice, rf"second-manager approved.*among the people who approved.*{MEANT}"),
    (nobody_at_all, r"manager approved.*left out of the people who approved event"),
    (no_person_behind_a_rollback, r"second-manager agreed.*left out of the people who approved"),
    (a_release_called_drift, r"released.*shows “Outside Sluice” as its kind.*“Release”"),
    (a_drift_that_needs_no_gate, r"was changed.*shows “Nobody: a rollback.*as its why_nobody"),
    (a_rollback_that_lacks_approval, r"released.*shows “No approval.*which is “Nobody: a roll"),
    (another_way_around_the_gate, r"shows “A test, all approved” as its how, which is “Changed"),
    (no_releases, r"released.*went live, and its release was left out"),
    (one_release_twice, r"The pack tells of the releases \[\d+, \d+, \d+\], and covers"),
    (a_release_of_another_name, r"The pack calls R-\d+ “R-999”"),
    (an_approval_that_is_none, rf"Round 1.*among the approvals of R-\d+, {MEANT}"),
    (what_went_live_as_what_came_after, r"released.*was left out of what went live"),
    (what_came_after_as_what_went_live, rf"tomorrow's memory.*among what went live, {MEANT}"),
    (another_day, rf"is shown among what went live, {MEANT}"),
    (one_release_of_a_day, r"The pack says that it covers “checkout, .*, and is of R-\d+"),
]


@pytest.mark.parametrize(("how", "says"), FORGED, ids=[each[0].__name__ for each in FORGED])
def test_what_was_forged_does_not_hold_and_is_named(
    day: Told, how: Callable[[Told], Forge], says: str
) -> None:
    status, words = forged(day, how(day))
    assert status == 1 and words.startswith("DOES NOT HOLD. ")
    assert re.search(says, words, re.DOTALL), words
