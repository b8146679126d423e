"""Break-glass codes: print some for a person, revoke them, and let the person in with one."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone

from accounts.break_glass import LONGEST_SESSION
from accounts.models import BreakGlassCode, User
from accounts.people import lock_people
from releases import policy
from releases.actions.refusal import recorded_refusal
from releases.audit import Origin, named, record
from releases.errors import StalePerson

HOW_MANY = 8
GOOD_FOR = timedelta(days=90)
# Without those that look alike on paper: I, L, O and U, 0 and 1.
LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
GROUPS, GROUP = 5, 4


def print_codes(person: User, *, by: User, origin: Origin) -> list[str]:
    """New codes for `person`, told here once; those that were printed before are revoked.

    Raises NotAllowed.
    """
    codes = [_new_code() for _ in range(HOW_MANY)]
    # Slow, as it should be, so before anything is locked.
    hashes = {code[:GROUP]: make_password(_bare(code)[GROUP:]) for code in codes}
    until = timezone.now() + GOOD_FOR
    with refused_codes("print", person, by=by, origin=origin), transaction.atomic():
        locked, printer = lock_people(person, by)
        policy.require(policy.can_print_codes(printer, locked))
        _revoke(locked)
        BreakGlassCode.objects.bulk_create(
            BreakGlassCode(selector=selector, secret_hash=each, person=locked, printed_by=by,
                           expires_at=until)
            for selector, each in hashes.items()
        )  # fmt: skip
        record("person.codes_printed", by=by, origin=origin, about=named(locked),
               person=locked.username, count=HOW_MANY, until=f"{until:%Y-%m-%d}")  # fmt: skip
    return codes


def revoke_codes(person: User, *, by: User, origin: Origin) -> int:
    """Let nobody in with the unused codes of `person` any more; how many there were.

    Raises NotAllowed, StalePerson if there are none.
    """
    with refused_codes("revoke", person, by=by, origin=origin), transaction.atomic():
        policy.require(policy.can_manage_people(by))
        count = _revoke(person)
        if not count:
            raise StalePerson(f"{person.name} has no code that could be revoked.")
        record("person.codes_revoked", by=by, origin=origin, about=named(person),
               person=person.username, count=count)  # fmt: skip
    return count


def use_code(username: str, code: str, *, origin: Origin) -> BreakGlassCode | None:
    """The code, used up, if it lets this person in; else None, with its row in the history."""
    bare = _bare(code)
    found = BreakGlassCode.objects.select_related("person", "printed_by")
    row = found.filter(selector=bare[:GROUP], person__username=username).first()
    # As slow for a code that there is not.
    is_right = check_password(bare[GROUP:], row.secret_hash if row else _none())
    why_not = _why_not(row) if row and is_right else "there is no such code"
    now = timezone.now()
    with transaction.atomic():
        if row and not why_not:
            open_still = BreakGlassCode.objects.filter(pk=row.pk, used_at=None, revoked_at=None)
            if not open_still.update(used_at=now, session_ends_at=now + LONGEST_SESSION):
                why_not = "it was used already"
        if row is None or why_not:
            shown = row.person.username if row else "somebody"
            record("person.break_glass_failed", by=None, origin=origin, username=shown,
                   reason=why_not)  # fmt: skip
            return None
        record("person.broke_glass", by=row.person, origin=origin,
               about=named(row.person), printer=row.printed_by.name,
               printed=f"{row.printed_at:%Y-%m-%d}", selector=row.selector)  # fmt: skip
    row.refresh_from_db()
    return row


def _why_not(row: BreakGlassCode) -> str:
    if row.used_at:
        return "it was used already"
    if row.revoked_at:
        return "it was revoked"
    if row.expires_at <= timezone.now():
        return "it has expired"
    return policy.can_use_code(row.person).reason


def _revoke(person: User) -> int:
    open_codes = BreakGlassCode.objects.filter(person=person, used_at=None, revoked_at=None)
    return open_codes.update(revoked_at=timezone.now())


def _new_code() -> str:
    """Such as ABCD-EFGH-JKMN-PQRS-TVWX: four letters to find it by, and 78 bits."""
    while True:
        groups = ["".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS)]
        if not BreakGlassCode.objects.filter(selector=groups[0]).exists():
            return "-".join(groups)


def _bare(code: str) -> str:
    """As it is typed from paper: small letters, spaces or none, other dashes."""
    return "".join(each for each in code.upper() if each in LETTERS)


def _none() -> str:
    return make_password(secrets.token_hex(8))


@contextmanager
def refused_codes(verb: str, person: User, *, by: User, origin: Origin) -> Iterator[None]:
    with recorded_refusal("person.codes_refused", by=by, origin=origin, about=named(person),
                          verb=verb, person=person.username):  # fmt: skip
        yield
