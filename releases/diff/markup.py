"""A line of a file as HTML: nothing in it is obeyed, and nothing in it is invisible."""

import html
from collections.abc import Sequence

from django.utils.safestring import SafeString

from releases.packages.spelling import UNSEEN

Colour = tuple[int, int, str]

ESCAPE = '<span class="tok-hidden">{}</span>'


def visible(text: str) -> SafeString:
    """`text` escaped, with control, bidirectional and invisible characters spelled out."""
    if not _hides(text):
        return SafeString(html.escape(text))
    return SafeString("".join(_character(character) for character in text))


def line_html(
    text: str, colours: Sequence[Colour] = (), changed: Sequence[tuple[int, int]] = ()
) -> SafeString:
    """One line with its syntax colours and its changed words.

    Both are given as spans in order. Every run of characters that are alike gets one element
    of its own, never one within another, so no two spans can break each other's tags.
    """
    if not colours and not changed:
        return visible(text)
    show = visible if _hides(text) else html.escape
    marks, tints = _Cursor([(*span, "yes") for span in changed]), _Cursor(colours)
    pieces, at = [], 0
    while at < len(text):
        mark, tint = marks.at(at), tints.at(at)
        end = min(marks.until, tints.until, len(text))
        pieces.append(_element(show(text[at:end]), tint, is_changed=bool(mark)))
        at = end
    return SafeString("".join(pieces))


def _element(inner: str, tint: str, *, is_changed: bool) -> str:
    # `tint` is one of our own class names: colours.py refuses all others.
    attribute = f' class="tok-{tint}"' if tint else ""
    if is_changed:
        return f"<mark{attribute}>{inner}</mark>"
    return f"<span{attribute}>{inner}</span>" if tint else inner


class _Cursor:
    """Walks spans from left to right: which one covers a position, and until where."""

    def __init__(self, spans: Sequence[Colour]) -> None:
        self._spans, self._next = spans, 0
        self.until = 0

    def at(self, position: int) -> str:
        while self._next < len(self._spans) and self._spans[self._next][1] <= position:
            self._next += 1
        if self._next == len(self._spans):
            self.until = 1 << 62
            return ""
        start, end, name = self._spans[self._next]
        self.until = end if start <= position else start
        return name if start <= position else ""


def _hides(text: str) -> bool:
    return not text.replace("\t", "").isprintable() or bool(UNSEEN.search(text))


def _character(character: str) -> str:
    if character == "\t" or not _hides(character):
        return html.escape(character)
    # Not ascii(): of a letter that is only unseen it makes nothing else.
    return ESCAPE.format(character.encode("unicode_escape").decode())
