"""Bytes are read as text where they are some, and can always be had back."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from releases.diff.text import decode, is_binary_head
from tests.diff.packages import encoded


@pytest.mark.parametrize(
    ("data", "content", "encoding"),
    [
        (b"", "", "UTF-8"),
        ("é\n".encode(), "é\n", "UTF-8"),
        (b"\xef\xbb\xbfa", "a", "UTF-8 with byte order mark"),
        ("é".encode("utf-16"), "é", "UTF-16, little endian"),
        (b"\xfe\xff\x00a", "a", "UTF-16, big endian"),
        (b"caf\xe9\n", "café\n", "Latin-1"),
    ],
)
def test_encodings_are_told_apart(data: bytes, content: str, encoding: str) -> None:
    text = decode(data)
    assert text and (text.content, text.encoding) == (content, encoding)


@pytest.mark.parametrize(
    "data",
    [
        b"a\0b",
        b"\xff\x01\x02",
        b"\xff\xfe\0\0a\0\0\0",
        b"\x80\x7f",
        b"\xef\xbb\xbf\0",
    ],
)
def test_what_is_no_text_is_binary(data: bytes) -> None:
    text = decode(data)
    assert text is None or text.encoding == "Latin-1"
    assert text is None or text.encoded(text.content) == data


@given(st.one_of(st.binary(max_size=40), encoded()))
@example(b"\xff\xfe\x00\xd8")
@example(b"\xef\xbb\xbf\xef\xbb\xbf")
def test_bytes_can_be_had_back(data: bytes) -> None:
    text = decode(data)
    assert text is None or text.encoded(text.content) == data


@given(st.text(alphabet="ab\r\n\f\u2028\x85", max_size=30))
def test_lines_end_at_line_feeds_only(content: str) -> None:
    text = decode(content.encode())
    assert text
    end = "" if text.ends_open or not content else "\n"
    assert "\n".join(text.lines) + end == content


def test_line_ends_are_named() -> None:
    said = [decode(data) for data in (b"a", b"a\n", b"a\r\nb", b"a\r\nb\n", b"a\r")]
    assert [text and text.line_ends for text in said] == ["", "LF", "CRLF", "mixed", ""]


def test_binary_is_told_by_its_beginning() -> None:
    assert is_binary_head(b"\x7fELF\0")
    assert not is_binary_head("é".encode()[:1])
    assert not is_binary_head("a".encode("utf-16"))
