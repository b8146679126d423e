"""Names as they are shown: what nobody sees, or what looks like another letter, is spelled out."""

import re
import unicodedata

# What Unicode calls ignorable by default and Python calls printable: variation selectors and
# fillers, in which whole programs have been hidden.
UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
_WORD = re.compile(r"[^\W\d_]+")
# Letters of other alphabets that fonts draw like a Latin one.
_CYRILLIC = (
    "\u0410\u0412\u0415\u0417\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0405\u0406"
    "\u0408\u04ae\u04c0\u051a\u051c\u0430\u0435\u043a\u043e\u0440\u0441\u0443\u0445\u0455\u0456"
    "\u0458\u04bb\u04cf\u0501\u051b\u051d\u0475"
)
_GREEK = (
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
    "\u03b1\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03f2\u03f3"
)
_OTHERS = "\u0131\u0251\u0261\u0269\u0570\u0578\u057d\u0581\u0585\u054d\u0555\u13a0\u13a1\u13aa"
_LOOKALIKES = frozenset(_CYRILLIC + _GREEK + _OTHERS)
# What looks like the signs that part a path and its ending.
_SIGNS = frozenset("\u2044\u2215\u2571\u29f8\u3033\u2024\u0701\u0702\ua4f8\u06d4\u2010\u2212")


def spelled(name: str) -> str:
    r"""`name`, with every character that could mislead as its escape: exe\u202etxt.py."""
    if name.isascii() and name.isprintable():
        return name
    return "".join(
        _escape(character) if is_misleading else character
        for character, is_misleading in zip(name, _misleading(name), strict=True)
    )


def misleads(name: str) -> bool:
    return spelled(name) != name


def _misleading(name: str) -> list[bool]:
    found = [_is_never_plain(character) for character in name]
    for word in _WORD.finditer(name):
        letters = [letter for letter in word[0] if not letter.isascii()]
        # A word in one foreign alphabet is honest, unless each of its letters could be Latin.
        if len(letters) < len(word[0]) or _LOOKALIKES.issuperset(letters):
            for at in range(*word.span()):
                found[at] = found[at] or name[at] in _LOOKALIKES
    return found


def _is_never_plain(character: str) -> bool:
    if character.isascii():
        return not character.isprintable()
    return (
        not character.isprintable()
        or bool(UNSEEN.match(character))
        or character in _SIGNS
        # Full-width and mathematical letters, and ligatures: another way to write the same.
        or unicodedata.normalize("NFKC", character).isascii()
    )


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()
