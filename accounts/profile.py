"""How a person likes the pages: by nobody but themselves."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from releases.audit import Origin, named, record

WORDS = {"theme": "theme", "time_zone": "time zone"}


@transaction.atomic
def change_profile(person: User, *, origin: Origin, **wanted: str) -> None:
    """Keep `theme` and `time_zone`, whichever is given; what stays as it is leaves no row."""
    kept = User.objects.select_for_update().get(pk=person.pk)
    before = {name: str(getattr(kept, name)) for name in wanted}
    changed = {name: str(value) for name, value in wanted.items() if before[name] != value}
    if not changed:
        return
    for name, value in changed.items():
        setattr(kept, name, value)
    kept.save(update_fields=list(changed))
    record(
        "person.profile_changed",
        by=person,
        origin=origin,
        about=named(person),
        before={name: before[name] for name in changed},
        after=changed,
        changes=", ".join(f"{WORDS[name]} {value}" for name, value in changed.items()),
    )
