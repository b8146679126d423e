"""Syntax colours for the lines that are shown; where there are none, plain text does."""

import json
import os
import posixpath
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.safestring import SafeString

from releases.diff.lexing import CLASSES, LEAD
from releases.diff.limits import DiffLimits
from releases.diff.lines import Block, LineDiff
from releases.diff.markup import Colour, line_html
from releases.diff.rows import Fold, Hunk, Row, RowKind
from releases.diff.text import ABSENT, Text
from releases.diff.workers import Workers

NAMES = frozenset(CLASSES.values())
WORKERS = Workers(min(2, os.cpu_count() or 1))


@dataclass(frozen=True)
class Colours:
    """Spans by line, counted from 0; lines without any are left out."""

    old: dict[int, list[Colour]] = field(default_factory=dict)
    new: dict[int, list[Colour]] = field(default_factory=dict)

    def row_html(self, row: Row, *, hide_line_ends: bool = False) -> SafeString:
        """A row's line; `hide_line_ends` where both files have CRLF throughout."""
        if row.kind is RowKind.REMOVED:
            spans = self.old.get((row.old_number or 0) - 1, ())
        else:
            spans = self.new.get((row.new_number or 0) - 1, ())
        text = row.text.removesuffix("\r") if hide_line_ends else row.text
        return line_html(text, spans, row.changed)


PLAIN = Colours()


def colours(
    path: str,
    diff: LineDiff,
    parts: Iterable[Hunk | Fold],
    *,
    limits: DiffLimits | None = None,
    workers: Workers = WORKERS,
) -> Colours:
    """Colours for the lines in `parts`, by the language that `path` suggests."""
    shown = [(part.new_start, part.new_end) for part in parts if isinstance(part, Hunk)]
    return colours_of_lines(path, diff, shown, limits=limits, workers=workers)


def colours_of_lines(
    path: str,
    diff: LineDiff,
    shown: Sequence[tuple[int, int]],
    *,
    limits: DiffLimits | None = None,
    workers: Workers = WORKERS,
) -> Colours:
    """Colours for the new file's lines in `shown` and for all that were removed."""
    limits = limits or DiffLimits()
    if max(len(side.content) for side in (diff.old, diff.new)) > limits.colour_size:
        return PLAIN
    last = max((end for _, end in shown), default=0)
    task = {
        # The name alone: the folders of a hostile path are of no use to a lexer.
        "name": posixpath.basename(path),
        "new": diff.new.lines[:last],
        "old": diff.old.lines,
        "shown": [span for span in shown if span[0] < span[1]],
        "blocks": [_block(block, before, last) for before, block in _following(diff.blocks)],
    }
    answer = workers.ask(json.dumps(task).encode(), seconds=limits.colour_seconds)
    return _read(json.loads(answer)) if answer else PLAIN


def colours_of_all(
    files: Iterable[tuple[str, LineDiff, Sequence[Hunk | Fold]]], limits: DiffLimits | None = None
) -> list[Colours]:
    """Colours for several files, on as many workers as there are, while `files` is still made."""
    limits = limits or DiffLimits()
    deadline = time.monotonic() + limits.page_colour_seconds

    def one(file: tuple[str, LineDiff, Sequence[Hunk | Fold]]) -> Colours:
        left = max(min(limits.colour_seconds, deadline - time.monotonic()), 0)
        return colours(*file, limits=replace(limits, colour_seconds=left))

    with ThreadPoolExecutor(max_workers=2) as threads:
        return list(threads.map(one, files))


def highlighted_lines(
    path: str, text: Text, *, limits: DiffLimits | None = None, workers: Workers = WORKERS
) -> list[SafeString]:
    """A whole text as HTML, line by line."""
    diff = LineDiff(ABSENT, text, (Block(0, 0, 0, len(text.lines)),))
    whole = [(0, len(text.lines))]
    found = colours_of_lines(path, diff, whole, limits=limits, workers=workers)
    return [line_html(line, found.new.get(at, ())) for at, line in enumerate(text.lines)]


def _following(blocks: tuple[Block, ...]) -> Iterable[tuple[int, Block]]:
    end = 0
    for block in blocks:
        yield end, block
        end = block.old_end


def _block(block: Block, unchanged_from: int, last: int) -> tuple[int, int, int, int]:
    """The removed lines, and how many known ones before them may lead to them."""
    lead = min(LEAD, block.old_start - unchanged_from)
    known = lead if block.new_start <= last else 0
    return block.old_start, block.old_end, block.new_start, known


def _read(answer: dict[str, Any] | None) -> Colours:
    if answer is None:
        return PLAIN
    return Colours(
        *(
            {
                number: [(start, end, name) for start, end, name in spans if name in NAMES]
                for number, spans in answer[side]
            }
            for side in ("old", "new")
        )
    )
