"""Names are shown so that nobody is misled: invisible and look-alike characters spelled out."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.packages.spelling import misleads, spelled


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("exe\u202etxt.py", r"exe\u202etxt.py"),
        ("a\u200bb", r"a\u200bb"),
        ("a\x1b[31m\n", r"a\x1b[31m\n"),
        ("a\u3164\ufe0f", r"a\u3164\ufe0f"),
        ("a\u00a0b", r"a\xa0b"),
        ("p\u0430ypal.py", r"p\u0430ypal.py"),
        ("\u0441\u043e\u0440\u0443.py", r"\u0441\u043e\u0440\u0443.py"),
        ("\u03bfs.py", r"\u03bfs.py"),
        ("lib\u2215app.py", r"lib\u2215app.py"),
        ("app\u2024py", r"app\u2024py"),
        ("\uff41pp.py", r"\uff41pp.py"),
        ("\U0001d41epic", r"\U0001d41epic"),
        ("\ufb01le", r"\ufb01le"),
    ],
)
def test_what_could_mislead_is_spelled_out(name: str, shown: str) -> None:
    assert spelled(name) == shown
    assert misleads(name)


@pytest.mark.parametrize(
    "name",
    [
        "index.py",
        "f\u00fcr.py",
        "\u043e\u0442\u0447\u0451\u0442.csv",
        "\u03bb\u03cc\u03b3\u03bf\u03c2.txt",
        "\u6570\u636e/\u30c7\u30fc\u30bf.json",
        "e\u0301",
        "\U0001f600.png",
        "a b-c_d+e@f",
    ],
)
def test_honest_names_stay_as_they_are(name: str) -> None:
    assert spelled(name) == name


@given(st.text(max_size=30))
def test_nothing_that_is_shown_is_invisible_or_moves_text(name: str) -> None:
    shown = spelled(name)
    assert shown.isprintable()
    assert spelled(shown) == shown
    assert not {"Cc", "Cf", "Cs", "Zl", "Zp"} & {unicodedata.category(each) for each in shown}
