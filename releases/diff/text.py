"""A file's bytes as text, if they are any; the bytes can always be had back."""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass
from functools import cached_property

MARKS = (
    (BOM_UTF8, "utf-8", "UTF-8 with byte order mark"),
    (BOM_UTF16_LE, "utf-16-le", "UTF-16, little endian"),
    (BOM_UTF16_BE, "utf-16-be", "UTF-16, big endian"),
)
# What no text in an unknown 8-bit encoding has; tab, line feed, carriage return, form feed
# and the escape of terminal colours are fine.
NOT_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


@dataclass(frozen=True)
class Text:
    """One side of a line diff. `encoding` in words; "" for a file that is not there."""

    content: str
    encoding: str
    codec: str = "utf-8"
    mark: bytes = b""

    @cached_property
    def lines(self) -> list[str]:
        """The lines as git counts them, without their line feeds."""
        lines = self.content.split("\n")
        if not lines[-1]:
            lines.pop()
        return lines

    @property
    def ends_open(self) -> bool:
        """Whether the last line has no line feed."""
        return bool(self.content) and not self.content.endswith("\n")

    @property
    def line_ends(self) -> str:
        """LF, CRLF, mixed, or "" where there is no line end."""
        all_ends, crlf = self.content.count("\n"), self.content.count("\r\n")
        if not all_ends:
            return ""
        return "CRLF" if crlf == all_ends else "mixed" if crlf else "LF"

    @property
    def for_git(self) -> bytes:
        return self.content.encode()

    def encoded(self, content: str) -> bytes:
        """The bytes of a file in this text's encoding that holds `content`."""
        return self.mark + content.encode(self.codec)


ABSENT = Text("", "")


def decode(data: bytes) -> Text | None:
    """Read `data` as text; None if it is binary."""
    for mark, codec, name in MARKS:
        if data.startswith(mark):
            text = _text(data[len(mark) :], codec, name, mark)
            if text:
                return text
    text = _text(data, "utf-8", "UTF-8")
    if text or b"\0" in data or NOT_TEXT.search(data):
        return text
    return _text(data, "latin-1", "Latin-1")


def is_binary_head(head: bytes) -> bool:
    """Whether a file that begins with `head` is binary, as far as its beginning tells."""
    if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return False
    # As git does; where a character was cut in two, decoding would refuse a good text.
    return b"\0" in head


def _text(data: bytes, codec: str, name: str, mark: bytes = b"") -> Text | None:
    try:
        content = data.decode(codec)
    except UnicodeDecodeError:
        return None
    return None if "\0" in content else Text(content, name, codec, mark)
