"""What an evidence pack tells of its events, held against these: for check_evidence.py beside it.

Needs Python 3.9 and nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

RELEASED, ROLLED_BACK, DRIFTED = "release.released", "rollback.done", "function.drifted"
LIVE = {RELEASED: "Release", ROLLED_BACK: "Rollback", DRIFTED: "Outside Sluice"}
PUT_BACK = "rollback.put_back"
AROUND = {
    DRIFTED: "Changed in AWS, not through Sluice",
    "function.versions_found": "Published outside Sluice",
    "function.versions_deleted": "Deleted in AWS",
    "drift.ignored": "Left as it was changed outside",
    ROLLED_BACK: "Rolled back, which needs no gate",
    PUT_BACK: "Earlier code put back, ahead of all others",
    "release.freeze_overridden": "Let out in spite of a freeze",
}
SINCE = (RELEASED, *AROUND, "drift.adopted", "drift.restored", "drift.gone")
OPENED, GIVEN = "release.round_opened", "release.approval_given"
WITHDRAWN = "release.approval_withdrawn"
ASKED_OR_AGREED = ("rollback.started", "rollback.seconded")
# The last of these tells whether a rollback without an alias asked people.
SKIPS = (PUT_BACK, "release.staged_again", "release.adopted")
COUNTS, TAKEN_BACK, EARLIER = "for what was reviewed last", "withdrawn", "for an earlier review"
OUTSIDE = "Nobody: it did not come through Sluice"
NO_GATE, NO_APPROVAL = "Nobody: a rollback needs no gate", "No approval is in the history"
# What the pack says of a review, and what the event calls it.
REVIEWED = {
    "fingerprint": "fingerprint", "code_sha256": "code_sha256",
    "policy_in_force": "policy", "policy_version": "policy_version",
}  # fmt: skip
Json = dict[str, Any]


def first_wrong(evidence: Json) -> str:
    """The first event that is left out of a part, or shown as what it is not; "" if none is."""
    events = sorted(evidence["events"], key=lambda each: each["id"])
    return next(_wrong(evidence, events), "")


def said(event: Json) -> str:
    return f"Event {event['id']} (“{event['sentence']}”)"


def _wrong(evidence: Json, events: list[Json]) -> Iterator[str]:
    one, covers = evidence["release_id"], evidence["covers"]
    if one is not None and not covers.startswith(f"R-{one} of "):
        yield f"The pack says that it covers “{covers}”, and is of R-{one}."
    live, since = _of_days(covers, events) if one is None else _of_release(one, events)
    around = [each for each in events if each["action"] in AROUND]
    yield from _not_exactly(evidence["went_live"], live, "what went live")
    yield from _not_exactly(evidence["since"], since, "what happened since")
    yield from _not_exactly(evidence["around_the_gate"], around, "what went around the gate")
    for shown, event in zip(evidence["around_the_gate"], around):  # noqa: B905 - Python 3.9
        yield from _differs(event, "how", shown["how"], AROUND[event["action"]])
    yield from _blocks(evidence, [each for each in live if each["action"] == RELEASED])
    own = defaultdict(list)
    for event in events:
        own[event["release_id"]].append(event)
    given = {}
    for block in evidence["releases"]:
        number = block["release_id"]
        given[number] = _standing(own[number], block["fingerprint"])
        yield from _reviewed(block, own[number])
        yield from _approved(block, given[number])
    clicks = [each for each in events if each["action"] in ASKED_OR_AGREED]
    for shown, event in zip(evidence["went_live"], live):  # noqa: B905 - Python 3.9
        number = event["release_id"]
        yield from _live(shown, event, clicks, own[number], given.get(number, []))


def _of_days(covers: str, events: list[Json]) -> tuple[list[Json], list[Json]]:
    """What went live in the days that the pack says it covers, and what happened after them."""
    named = covers.split(", ")[-1].split(" to ")
    first, last = (f"{datetime.strptime(named[at], '%d %B %Y'):%Y-%m-%d}" for at in (0, -1))
    live = [each for each in events if each["action"] in LIVE and first <= each["at"][:10] <= last]
    return live, [each for each in events if each["action"] in SINCE and each["at"][:10] > last]


def _of_release(one: int, events: list[Json]) -> tuple[list[Json], list[Json]]:
    """What went live of one release, and what happened to its function from then on."""
    live = [each for each in events if each["action"] in LIVE and each["release_id"] == one]
    out = max([each["id"] for each in live if each["action"] == RELEASED], default=0)
    others = [each for each in events if each["action"] in SINCE and each["release_id"] != one]
    return live, [each for each in others if each["id"] > out]


def _not_exactly(shown: list[Json], meant: list[Json], what: str) -> Iterator[str]:
    ids = {each["event"] for each in shown}
    for event in meant:
        if event["id"] not in ids:
            yield f"{said(event)} was left out of {what}."
    for at, each in enumerate(shown):
        if at >= len(meant) or each["event"] != meant[at]["id"]:
            name = f"Event {each['event']} (“{each['sentence']}”)"
            yield f"{name} is shown among {what}, where it does not belong."


def _differs(event: Json, name: str, shown: Any, meant: Any) -> Iterator[str]:
    if shown != meant:
        yield f"{said(event)}: the pack shows “{shown}” as its {name}, which is “{meant}”."


def _blocks(evidence: Json, released: list[Json]) -> Iterator[str]:
    """The one release is told of, or each that went live in these days; none twice, no other."""
    numbers = [each["release_id"] for each in evidence["releases"]]
    for event in released:
        if event["release_id"] not in numbers:
            yield f"{said(event)} went live, and its release was left out of the pack."
    one = evidence["release_id"]
    meant = sorted({each["release_id"] for each in released}) if one is None else [one]
    if sorted(numbers) != meant:
        yield f"The pack tells of the releases {numbers}, and covers {meant}."
    for block in evidence["releases"]:
        if block["reference"] != f"R-{block['release_id']}":
            yield f"The pack calls R-{block['release_id']} “{block['reference']}”."


def _reviewed(release: Json, events: list[Json]) -> Iterator[str]:
    """What the last review was for and under which policy, as the event of its opening has it."""
    for opened in [each for each in events if each["action"] == OPENED][-1:]:
        for name, kept in REVIEWED.items():
            if kept in opened["data"]:
                yield from _differs(opened, name, release[name], opened["data"][kept])


def _standing(events: list[Json], fingerprint: str) -> list[tuple[Json, str]]:
    """Each approval of a release, and what it is worth."""
    found = []
    for at, event in enumerate(events):
        if event["action"] == GIVEN:
            later = [(each["action"], each["actor_id"]) for each in events[at:]]
            stands = COUNTS if event["data"].get("fingerprint") == fingerprint else EARLIER
            if (WITHDRAWN, event["actor_id"]) in later:
                stands = TAKEN_BACK
            found.append((event, stands))
    return found


def _approved(release: Json, given: list[tuple[Json, str]]) -> Iterator[str]:
    """Every approval is there and nothing else, and stands as the events tell."""
    shown = {each["event"]: each["standing"] for each in release["approvals"]}
    for event, stands in given:
        if shown.get(event["id"]) != stands:
            yield f"{said(event)} is not shown as what it is: {stands}."
    what = f"the approvals of R-{release['release_id']}"
    yield from _not_exactly(release["approvals"], [event for event, _ in given], what)


def _live(
    shown: Json, event: Json, clicks: list[Json], own: list[Json], given: list[tuple[Json, str]]
) -> Iterator[str]:
    """Its kind, its people, and why there are none."""
    people, nobody = [], NO_APPROVAL
    if event["action"] == RELEASED:
        # Whoever approved again after an approval expired counts once, by the later one.
        counts = {each["actor_id"]: each for each, stands in given if stands == COUNTS}
        people = list(counts.values())
        nobody = NO_GATE if _skipped_gate(own) else NO_APPROVAL
    elif event["action"] == ROLLED_BACK:
        people = [each for each in clicks if _same_rollback(each, event)]
    else:
        nobody = OUTSIDE
    yield from _differs(event, "kind", shown["kind"], LIVE[event["action"]])
    what = f"the people who approved event {event['id']}"
    yield from _not_exactly(shown["approved_by"], people, what)
    yield from _differs(event, "why_nobody", shown["why_nobody"], "" if people else nobody)


def _same_rollback(click: Json, done: Json) -> bool:
    number, function = done["data"].get("rollback"), done["function_id"]
    return (click["data"].get("rollback"), click["function_id"]) == (number, function)


def _skipped_gate(events: list[Json]) -> bool:
    """By a click on going back to earlier code that needed nobody else, and only by that."""
    last = [each for each in events if each["action"] in SKIPS][-1:]
    return any(each["data"].get("skips_gate", each["action"] == PUT_BACK) for each in last)
