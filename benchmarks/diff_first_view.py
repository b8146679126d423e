"""The first view of a diff, against git on the same trees: two 40 MB packages, 50 files changed.

Ours loads both manifests from JSON, compares them, reads the changed files out of both zips,
compares their lines and words, colours and writes the HTML of all 50. The peer is
`git diff --no-index` on the unpacked trees. Both are taken in turns, with everything in the
file cache and the colouring processes up, as in a web server that has shown a page before. Run it
with `python -m benchmarks.diff_first_view`; it needs no services.
"""

from __future__ import annotations

import io
import random
import statistics
import subprocess
import sysconfig
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from releases.diff.files import FileDiff, Package, compare_files
from releases.diff.folding import shown_parts
from releases.diff.highlight import colours_of_all
from releases.diff.lines import LineDiff
from releases.diff.rows import Fold, Hunk
from releases.diff.tree import compare
from releases.packages.inspect import inspect
from releases.packages.manifest import from_json, to_json

FILES, CHANGED, BINARIES = 5_000, 50, 100
PACKAGE = 40_000_000
PAIRS = 9
TARGET = 2.0

Shown = tuple[str, LineDiff, list[Hunk | Fold]]


def sources() -> list[list[str]]:
    """Real Python to make files of: the standard library's."""
    library = Path(sysconfig.get_paths()["stdlib"])
    paths = sorted(library.glob("*.py")) + sorted(library.glob("asyncio/*.py"))
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in paths]
    return [lines for text in texts if len(lines := text.splitlines()) > 120]


def tree() -> dict[str, bytes]:
    """FILES files, most of them modules of 40 to 400 lines, and some that cannot be packed."""
    chance, modules = random.Random(4), sources()  # noqa: S311
    files = {}
    for number in range(FILES - BINARIES):
        lines = chance.choice(modules)
        length = min(int(chance.lognormvariate(4.8, 0.7)) + 20, len(lines))
        body = [f"# module {number}", *lines[:length], ""]
        files[f"package{number % 90:02}/part{number % 7}/module{number:04}.py"] = "\n".join(
            body
        ).encode()
    packed = len(zipped(files))
    for number in range(BINARIES):
        files[f"lib/native{number:02}.so"] = chance.randbytes((PACKAGE - packed) // BINARIES)
    return files


def changed(files: dict[str, bytes]) -> dict[str, bytes]:
    """The same files, CHANGED of them with three edits each."""
    chance = random.Random(5)  # noqa: S311
    modules = [path for path in files if path.endswith(".py")]
    result = dict(files)
    for path in chance.sample(modules, CHANGED):
        lines = files[path].decode().split("\n")
        at = chance.randrange(1, len(lines) - 1)
        lines[at] = lines[at] + "  # edited"
        at = chance.randrange(1, len(lines) - 1)
        lines[at:at] = ["def inserted(value: int) -> int:", "    return value + 1", ""]
        del lines[chance.randrange(1, len(lines) - 1)]
        result[path] = "\n".join(lines).encode()
    return result


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return buffer.getvalue()


def unpack(files: dict[str, bytes], folder: Path) -> None:
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def keep(files: dict[str, bytes], folder: Path, name: str) -> None:
    data = zipped(files)
    (folder / f"{name}.zip").write_bytes(data)
    manifest = to_json(inspect(io.BytesIO(data), size=len(data)))
    (folder / f"{name}.json").write_text(manifest, encoding="utf-8")
    unpack(files, folder / name)


def ours(folder: Path) -> tuple[float, int]:
    """Seconds for the first view, and how many rows it shows."""
    began = time.perf_counter()
    manifests = [from_json((folder / f"{name}.json").read_bytes()) for name in ("old", "new")]
    changes = compare(*manifests).changes
    assert len(changes) == CHANGED
    paths = [folder / f"{name}.zip" for name in ("old", "new")]
    with paths[0].open("rb") as old, paths[1].open("rb") as new:
        packages = [
            Package(file, path.stat().st_size) for file, path in zip((old, new), paths, strict=True)
        ]
        lines = list(html(compare_files(changes, *packages)))
    assert sum("tok-" in line for line in lines) > len(lines) / 4, "the colours are missing"
    return time.perf_counter() - began, len(lines)


def html(files: Iterable[FileDiff]) -> Iterator[str]:
    """Every line of every hunk, coloured."""
    shown: list[Shown] = []
    for at, colours in enumerate(colours_of_all(_shown(files, shown))):
        for part in shown[at][2]:
            if isinstance(part, Hunk):
                yield from (colours.row_html(row) for row in part.rows)
    assert len(shown) == CHANGED


def _shown(files: Iterable[FileDiff], kept: list[Shown]) -> Iterator[Shown]:
    # One by one, so that the first is being coloured while the last is compared.
    for file in files:
        assert file.lines, f"{file.change.path} is not shown"
        kept.append((file.change.path, file.lines, shown_parts(file.lines)))
        yield kept[-1]


def theirs(folder: Path) -> float:
    """Seconds that git takes for the same trees, unpacked."""
    began = time.perf_counter()
    command = ["git", "diff", "--no-index", "old", "new"]
    output = subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout
    took = time.perf_counter() - began
    assert output.count(b"\ndiff --git") == CHANGED - 1
    return took


def main() -> None:
    """Take PAIRS pairs, alternating, and print both medians and their ratio."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = tree()
        keep(files, folder, "old")
        keep(changed(files), folder, "new")
        theirs(folder)
        _, rows = ours(folder)
        pairs = [(theirs(folder), ours(folder)[0]) for _ in range(PAIRS)]
    git, sluice = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"{FILES:,} files, {CHANGED} changed, {rows:,} rows of HTML, median of {PAIRS} pairs")
    print(f"git diff --no-index: {git:.3f} s")
    print(f"Sluice's first view: {sluice:.3f} s")
    print(f"ratio: {sluice / git:.2f} (target <= {TARGET})")


if __name__ == "__main__":
    main()
