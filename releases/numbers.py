"""Numbers as people and addresses write them."""

from __future__ import annotations


def whole_number(text: str) -> int | None:
    """A positive number that fits a primary key, or None."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
        return None
    return int(digits)


def release_number(text: str) -> int | None:
    """The number in `R-1042`, `r1042` or `1042`, or None."""
    return whole_number(text.strip().upper().removeprefix("R").removeprefix("-"))
