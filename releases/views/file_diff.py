"""One changed file as its page and its section show it: rows with numbers, signs and colours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from releases.diff.files import FileDiff
from releases.diff.folding import hidden_rows, shown_parts
from releases.diff.highlight import Colours, colours, colours_of_lines
from releases.diff.lines import LineDiff
from releases.diff.nested import NestedDiff, nested_path
from releases.diff.rows import Fold, Hunk, Row, RowKind
from releases.diff.tree import ChangeKind, FileChange
from releases.packages.spelling import spelled
from releases.views.compared import Found

# As many as are shown at once when a fold is opened; the rest stays folded.
FOLD_ROWS = 500
WORDS = {RowKind.ADDED: "added", RowKind.REMOVED: "removed", RowKind.CONTEXT: ""}
SIGNS = {RowKind.ADDED: "+", RowKind.REMOVED: "\u2212", RowKind.CONTEXT: ""}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of one side. `begins` a run of changes, where n and p stop."""

    old: int | None
    new: int | None
    diff: str
    sign: str
    html: SafeString
    ends_open: bool
    begins: bool = False


@dataclass(frozen=True, slots=True)
class LinePair:
    """A row of the side-by-side view."""

    old: Line | None
    new: Line | None
    begins: bool = False


@dataclass(frozen=True)
class Part:
    """Rows without a break, or a fold: its first line in both files, counted from 0."""

    rows: Sequence[Line] = ()
    pairs: Sequence[LinePair] = ()
    fold_start: int = 0
    fold_old: int = 0
    fold_count: int = 0


@dataclass(frozen=True)
class Inside:
    """A file within an archive, with the path that leads to it."""

    path: str
    change: FileChange


@dataclass(frozen=True)
class ShownFile:
    path: str
    change: FileChange
    parts: Sequence[Part] = ()
    notes: Sequence[str] = ()
    problem: str = ""
    can_show: bool = False
    is_binary: bool = False
    inside: Sequence[Inside] = ()
    added: int | None = None
    removed: int | None = None

    @property
    def is_empty(self) -> bool:
        return not self.parts and not self.problem


def shown_file(path: str, found: Found, *, split: bool, unfolded: bool) -> ShownFile:
    diff = found.diff
    notes = tuple(_notes(diff))
    if diff.lines is None:
        why = diff.not_shown
        return ShownFile(
            path,
            diff.change,
            notes=notes + _nested_note(found.nested),
            problem=why.sentence if why and not _tree(found.nested) else "",
            can_show=bool(why and why.can_show),
            is_binary=bool(why),
            inside=_inside(path, found.nested),
        )
    parts = shown_parts(diff.lines, unfolded=unfolded)
    tints = colours(path, diff.lines, parts)
    return ShownFile(
        path,
        diff.change,
        parts=[_part(part, diff.lines, tints, split=split) for part in parts],
        notes=notes,
        added=diff.lines.added,
        removed=diff.lines.removed,
    )


def unfolded_part(path: str, lines: LineDiff, start: int, count: int) -> tuple[Part, Part | None]:
    """The rows of a fold from `start` on, and what of it stays folded."""
    rows = hidden_rows(lines, start, min(count, FOLD_ROWS))
    end = start + len(rows)
    tints = colours_of_lines(path, lines, [(start, end)])
    shown = [_line(row, lines, tints) for row in rows]
    left = count - len(rows)
    rest = None
    if rows and left > 0:
        rest = Part(fold_start=end, fold_old=rows[-1].old_number or 0, fold_count=left)
    return Part(rows=shown, pairs=[LinePair(line, line) for line in shown]), rest


def _part(part: Hunk | Fold, lines: LineDiff, tints: Colours, *, split: bool) -> Part:
    if isinstance(part, Fold):
        return Part(fold_start=part.new_start, fold_old=part.old_start, fold_count=part.count)
    if split:
        return Part(pairs=list(_pairs(part, lines, tints)))
    return Part(rows=list(_rows(part.rows, lines, tints)))


def _rows(rows: Iterable[Row], lines: LineDiff, tints: Colours) -> Iterator[Line]:
    within = False
    for row in rows:
        changes = row.kind is not RowKind.CONTEXT
        yield _line(row, lines, tints, begins=changes and not within)
        within = changes


def _pairs(hunk: Hunk, lines: LineDiff, tints: Colours) -> Iterator[LinePair]:
    within = False
    for pair in hunk.pairs:
        sides = [_line(row, lines, tints) if row else None for row in (pair.old, pair.new)]
        changes = any(side is None or side.diff for side in sides)
        yield LinePair(sides[0], sides[1], begins=changes and not within)
        within = changes


def _line(row: Row, lines: LineDiff, tints: Colours, *, begins: bool = False) -> Line:
    crlf = {side.line_ends for side in (lines.old, lines.new) if side.content} == {"CRLF"}
    html = tints.row_html(row, hide_line_ends=crlf)
    kind = row.kind
    return Line(
        row.old_number, row.new_number, WORDS[kind], SIGNS[kind], html, row.ends_open, begins
    )


def _notes(diff: FileDiff) -> Iterator[str]:
    change = diff.change
    if change.kind is ChangeKind.RENAMED:
        yield f"Renamed from {spelled(change.old_path)}; its bytes are the same."
    if change.is_mode_changed and change.old and change.new:
        yield f"Mode changed from {_mode(change.old.mode)} to {_mode(change.new.mode)}."
    if change.old and change.new and change.old.is_link != change.new.is_link:
        yield "A symbolic link on one side and a file on the other."
    if diff.lines and diff.lines.encoding_change:
        yield f"Encoding changed {diff.lines.encoding_change}."
    if diff.lines and diff.lines.line_end_change:
        yield f"Line ends changed {diff.lines.line_end_change}."
    if diff.lines and not diff.lines.blocks:
        same = "only in whitespace, which is ignored" if diff.lines.old.content else "in no line"
        yield f"The two differ {same}."


def _mode(mode: int) -> str:
    return f"{mode & 0o7777:04o}"


def _tree(nested: NestedDiff | None) -> bool:
    return nested is not None and nested.tree is not None


def _nested_note(nested: NestedDiff | None) -> tuple[str, ...]:
    if nested is None:
        return ()
    if nested.tree is None:
        return (f"An archive that is not opened: {nested.reason}",)
    if not nested.tree.changes:
        return ("An archive in which every file is the same; only its own bytes differ.",)
    count, same = len(nested.tree.changes), nested.tree.unchanged
    return (f"An archive: {count:,} of its files differ, {same:,} do not.",)


def _inside(path: str, nested: NestedDiff | None) -> list[Inside]:
    if nested is None or nested.tree is None:
        return []
    return [Inside(nested_path(path, each.path), each) for each in nested.tree.changes]
