"""The process that runs Pygments: texts in, spans out, and it may be killed at any moment.

Started by its path, so that it imports nothing of Sluice and is up at once; it sees no
environment and no file but its socket. What it is asked and what it answers is JSON.
"""

import functools
import json
import resource
import signal
import socket
import struct
from typing import Any

from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class_for_filename
from pygments.token import Token

LENGTH = struct.Struct("!I")
MEMORY = 512 * 1024 * 1024
# Of its own time, not the clock's: the kernel ends a lexer that goes astray, also where
# nobody waits for it any more, and leaves one alone that only waits for its turn.
SECONDS = 1.5
# Languages that most packages are written in are made ready before anybody asks.
USUAL = ("a.py", "a.js", "a.json")
# Unchanged lines lexed before removed ones, to prove that the lexer is in the right state.
LEAD = 12
FAR = 60
# Fewer coloured words than this could come out the same by chance.
EVIDENCE = 3

CLASSES = {
    Token.Comment: "comment",
    Token.Comment.Preproc: "meta",
    Token.Generic.Heading: "keyword",
    Token.Generic.Subheading: "keyword",
    Token.Keyword: "keyword",
    Token.Keyword.Constant: "number",
    Token.Keyword.Type: "type",
    Token.Literal: "string",
    Token.Literal.Number: "number",
    Token.Literal.String.Doc: "comment",
    Token.Literal.String.Escape: "number",
    Token.Literal.String.Interpol: "meta",
    Token.Name.Attribute: "meta",
    Token.Name.Builtin: "type",
    Token.Name.Class: "type",
    Token.Name.Constant: "number",
    Token.Name.Decorator: "meta",
    Token.Name.Exception: "type",
    Token.Name.Function: "call",
    Token.Name.Tag: "keyword",
    Token.Name.Variable: "meta",
    Token.Operator.Word: "keyword",
}
Line = list[tuple[int, int, str]]


class OutOfOrderError(Exception):
    """A lexer left characters out, so nobody knows where the next ones belong."""


@functools.cache
def class_of(token: Any) -> str:
    """Our name for a kind of token, or for the nearest kind above it."""
    while token is not None:
        if token in CLASSES:
            return CLASSES[token]
        token = token.parent
    return ""


@functools.cache
def lexer_for(name: str) -> Lexer | None:
    found = find_lexer_class_for_filename(name)
    return found() if found else None


def lex(lexer: Lexer, lines: list[str], upto: int) -> list[Line]:
    """The spans of the first `upto` of `lines`. Raises OutOfOrderError."""
    # Not get_tokens(), which strips and changes what it lexes. Carriage returns would
    # split lines for some lexers; a blank has the same place in the line.
    text = "\n".join(line.removesuffix("\r").replace("\r", " ") for line in lines) + "\n"
    spans: list[Line] = [[] for _ in lines]
    upto = min(upto, len(lines))
    number = column = expected = 0
    for at, token, value in lexer.get_tokens_unprocessed(text):
        if at != expected:
            raise OutOfOrderError
        expected += len(value)
        name = class_of(token)
        if "\n" not in value:
            column = _add(spans[number], column, len(value), name) if name else column + len(value)
            continue
        first, *others = value.split("\n")
        column = _add(spans[number], column, len(first), name)
        for piece in others:
            number += 1
            if number >= upto:
                return spans[:upto]
            column = _add(spans[number], 0, len(piece), name)
    return spans[:upto]


def _add(line: Line, start: int, length: int, name: str) -> int:
    end = start + length
    if name and length:
        if line and line[-1][1:] == (start, name):
            line[-1] = (line[-1][0], end, name)
        else:
            line.append((start, end, name))
    return end


def colour(task: dict[str, Any]) -> dict[str, Any] | None:
    """The spans of the shown new lines and of all removed ones; None for an unknown language."""
    lexer = lexer_for(task["name"])
    if lexer is None:
        return None
    old, new = task["old"], task["new"]
    shown = [number for start, end in task["shown"] for number in range(start, end)]
    fresh = lex(lexer, new, max(shown) + 1) if shown else []
    removed = [block for block in task["blocks"] if block[0] < block[1]]
    return {
        "new": [(number, fresh[number]) for number in shown if fresh[number]],
        "old": _removed(lexer, old, removed, fresh),
    }


def _removed(lexer: Lexer, old: list[str], blocks: list[list[int]], fresh: list[Line]) -> list[Any]:
    spans: list[Any] = []
    for start, end, new_start, lead in blocks:
        found = _with_lead(lexer, old, (start, end), fresh[new_start - lead : new_start], lead)
        if found is None:
            break
        spans += zip(range(start, end), found, strict=True)
    else:
        return spans
    whole = lex(lexer, old, blocks[-1][1])
    return [(number, whole[number]) for start, end, *_ in blocks for number in range(start, end)]


def _with_lead(
    lexer: Lexer, old: list[str], block: tuple[int, int], known: list[Line], lead: int
) -> list[Line] | None:
    """Lex a block from a few unchanged lines before it; None if these come out differently.

    Most of the old file is the new one, and lexing it all again would take twice as long.
    """
    start, end = block
    # From within a long string the few lines before prove nothing, but some more may.
    for begin in (start - lead, max(start - FAR, 0)):
        spans = lex(lexer, old[begin:end], end - begin)
        before = spans[start - lead - begin : start - begin]
        if begin == 0 or (before == known and sum(map(len, known)) >= EVIDENCE):
            return spans[start - begin :]
    return None


def serve(asker: socket.socket) -> None:
    while head := asker.recv(LENGTH.size, socket.MSG_WAITALL):
        task = json.loads(asker.recv(LENGTH.unpack(head)[0], socket.MSG_WAITALL))
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            answer = colour(task)
        except OutOfOrderError:
            answer = None
        signal.setitimer(signal.ITIMER_PROF, 0)
        data = json.dumps(answer, separators=(",", ":")).encode()
        asker.sendall(LENGTH.pack(len(data)) + data)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with socket.socket(fileno=0) as connection:
        for usual in USUAL:
            colour({"name": usual, "old": [], "new": ["x"], "shown": [[0, 1]], "blocks": []})
        connection.sendall(b"!")
        serve(connection)
