"""A line's HTML shows every character, obeys none, and its tags are balanced."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.diff.markup import line_html, visible

HOSTILE = st.text(alphabet="ab <>&\"'\t\u202e\u200b\x1b\r\ufe0f\u3164é\U0001f600", max_size=20)


class Reader(HTMLParser):
    """Reads a line back, and insists that no element stands within another but an escape."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.open, self.marked = "", [""], ""
        self.feed(html)
        self.close()
        assert self.open == [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"span", "mark"}
        name = dict(attrs).get("class") or ""
        assert len(self.open) == 1 or name == "tok-hidden"
        assert re.fullmatch(r"(tok-[a-z]+)?", name)
        self.open.append(f"{tag} {name}")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().split(" ")[0] == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1] == "span tok-hidden":
            data = data.encode().decode("unicode_escape")
        self.text += data
        if any(name.startswith("mark") for name in self.open):
            self.marked += data


@st.composite
def lines(draw: st.DrawFn) -> tuple[str, list[tuple[int, int, str]], list[tuple[int, int]]]:
    text = draw(HOSTILE)
    cuts = st.lists(st.integers(0, len(text)), max_size=8, unique=True).map(sorted)
    colours = [(*span, "string") for span in zip(*[iter(draw(cuts))] * 2, strict=False)]
    changed = list(zip(*[iter(draw(cuts))] * 2, strict=False))
    return text, colours, changed


@given(lines())
def test_line_is_read_back_as_it_was_and_marked_where_it_changed(
    line: tuple[str, list[tuple[int, int, str]], list[tuple[int, int]]],
) -> None:
    text, colours, changed = line
    reader = Reader(line_html(text, colours, changed))
    assert reader.text == text
    assert reader.marked == "".join(text[start:end] for start, end in changed)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>", "&lt;script&gt;"),
        ("a\tb é", "a\tb é"),
        ("\u202e", '<span class="tok-hidden">\\u202e</span>'),
        ("\ufe0f", '<span class="tok-hidden">\\ufe0f</span>'),
        ("\u3164", '<span class="tok-hidden">\\u3164</span>'),
        ("\r", '<span class="tok-hidden">\\r</span>'),
        ("\x1b[2J", '<span class="tok-hidden">\\x1b</span>[2J'),
        ("\u00a0", '<span class="tok-hidden">\\xa0</span>'),
        ("\U000e0041", '<span class="tok-hidden">\\U000e0041</span>'),
    ],
)
def test_characters_that_mislead_are_spelled_out(text: str, html: str) -> None:
    assert visible(text) == line_html(text) == html


def test_colour_and_change_that_overlap_become_three_elements() -> None:
    assert line_html("abcd", [(0, 3, "string")], [(2, 4)]) == (
        '<span class="tok-string">ab</span><mark class="tok-string">c</mark><mark>d</mark>'
    )
