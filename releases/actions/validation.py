"""The fields that a person filled in, checked by the model's own rules."""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db.models import Model

from releases.errors import InvalidInput


def check_entered(row: Model, fields: Collection[str], *, unique: bool = False) -> None:
    """Raises InvalidInput naming the first of `fields` that the model's rules refuse."""
    others = {field.name for field in row._meta.fields} - set(fields)
    try:
        row.full_clean(exclude=others, validate_constraints=unique, validate_unique=unique)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidInput(" ".join(messages), field=field) from error
