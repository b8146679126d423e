"""Somebody without Sluice checks a pack: what holds, and what was altered in which way."""

from __future__ import annotations

import ast
import csv
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from releases.evidence.written import CHECKER, CHECKERS
from tests.evidence.conftest import NOTE, Kept

Pack = Path
Alter = Callable[[Path], None]


@pytest.fixture
def pack(kept: Kept, tmp_path: Path) -> Pack:
    """The folder that the zip was unpacked to."""
    return kept.unpacked(tmp_path / "pack")


def check(pack: Path, *options: str | Path) -> tuple[int, str]:
    """Run the script that came with it, away from Sluice's own code; its status and its words."""
    script, _ = (shutil.copy(each, pack.parent / each.name) for each in CHECKERS)
    command = [sys.executable, "-I", str(script), str(pack), *map(str, options)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=pack.parent)
    assert ran.stderr == ""
    return ran.returncode, ran.stdout


def change(pack: Path, name: str, how: Callable[[Any], Any]) -> None:
    whole = json.loads((pack / name).read_text())
    how(whole)
    (pack / name).write_text(json.dumps(whole))


def test_what_nobody_touched_holds_and_it_says_what_that_does_not_show(pack: Pack) -> None:
    status, words = check(pack)
    assert status == 0 and words.startswith("HOLDS.")
    assert "Shown: all 5 events read as the texts that were sealed" in words
    assert "Not shown: that 5 of 5 events were not made up with the pack" in words
    assert "Not shown: what stands in evidence.json and in no event" in words


def test_with_what_was_kept_outside_it_is_proven(kept: Kept, pack: Pack) -> None:
    link = json.loads(kept.anchor.read_text())["link"]
    for anchor in (kept.anchor, kept.anchor.parent, link):
        status, words = check(pack, "--anchor", anchor)
        assert status == 0 and "Shown: 5 of 5 events are as when your anchor was kept." in words
        assert "made up" not in words


def test_who_holds_the_key_checks_the_seals_as_well(pack: Pack, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(settings.SLUICE_AUDIT_KEY)
    assert check(pack, "--key-file", key)[0] == 0
    key.write_text("another-key-that-has-many-characters-0123456789")
    status, words = check(pack, "--key-file", key)
    assert status == 1 and "was sealed with the key" in words


def test_the_zip_is_checked_without_unpacking_it(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "evidence.zip").write_bytes(kept.pack)
    assert check(tmp_path / "evidence.zip", "--anchor", kept.anchor)[0] == 0


def test_the_script_in_the_pack_is_the_one_in_the_repository(pack: Pack) -> None:
    assert (pack / "check_evidence.py").read_text() == CHECKER.read_text()


def test_the_script_is_python_3_9_and_needs_nothing_else() -> None:
    tree = ast.parse(CHECKER.read_text(), feature_version=(3, 9))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {each.module if isinstance(each, ast.ImportFrom) else each.names[0].name
             for each in imports}  # fmt: skip
    assert names <= {*sys.stdlib_module_names}


# --- altered in each way -------------------------------------------------------------------------
def approval(whole: Any) -> Any:
    """The manager's approval, where the pack is a list of events."""
    found = [each for each in whole["events"] if "approval_given" in json.dumps(each)]
    return found[0]


def reworded(text: str) -> str:
    """Another name of the same length, so that only the digest tells."""
    return text.replace("manager", "menager")


def the_texts(pack: Path) -> None:
    change(pack, "proof.json", lambda proof: approval(proof).update(
        texts=json.loads(reworded(json.dumps(approval(proof)["texts"])))))  # fmt: skip
    change(pack, "evidence.json", lambda shown: shown.update(
        json.loads(reworded(json.dumps(shown)))))  # fmt: skip
    sheet = pack / "events.csv"
    sheet.write_bytes(reworded(sheet.read_text()).encode())


def a_readable_part(pack: Path) -> None:
    change(pack, "evidence.json", lambda shown: approval(shown).update(actor_name="somebody"))


def a_repetition(pack: Path) -> None:
    def forge(shown: Any) -> None:
        shown["releases"][0]["approvals"][0]["actor_role"] = "security"

    change(pack, "evidence.json", forge)


def what_was_approved(pack: Path) -> None:
    def forge(shown: Any) -> None:
        shown["releases"][0]["approvals"][0]["fingerprint"] = "0" * 64

    change(pack, "evidence.json", forge)


def a_foreign_approval(pack: Path) -> None:
    """The approval is shown with a release that nobody approved."""
    change(pack, "evidence.json", lambda shown: shown["releases"][0].update(release_id=999))


def the_sheet(pack: Path) -> None:
    sheet = pack / "events.csv"
    sheet.write_bytes(sheet.read_bytes().replace(b"approved R-", b"refused R-"))


def the_sheet_of_what_went_live(pack: Path) -> None:
    sheet = pack / "went_live.csv"
    sheet.write_bytes(sheet.read_bytes().replace(b"manager (", b"somebody ("))


def a_second_text_for_one_number(pack: Path) -> None:
    """An approval that never was, beside the genuine event that the chain comes past."""
    forged = {"id": 99_999}

    def forge(proof: Any) -> None:
        proof["events"].insert(0, approval(proof) | forged)

    change(pack, "proof.json", forge)


def left_out_everywhere(pack: Path) -> None:
    def without(whole: Any) -> None:
        whole["events"].remove(approval(whole))

    change(pack, "proof.json", without)
    change(pack, "evidence.json", without)

    def unmentioned(shown: Any) -> None:
        shown["releases"][0]["approvals"] = []
        shown["went_live"][0].update(approved_by=[], why_nobody="No approval is in the history")

    change(pack, "evidence.json", unmentioned)
    with (pack / "events.csv").open(newline="", encoding="utf-8-sig") as file:
        lines = [line for line in csv.reader(file) if "release.approval_given" not in line]
    with (pack / "events.csv").open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows(lines)


def left_out_of_the_story(pack: Path) -> None:
    change(pack, "evidence.json", lambda shown: shown["events"].pop())


def shown_otherwise(pack: Path, part: str, value: Any) -> None:
    change(pack, "evidence.json", lambda shown: shown["releases"][0].update({part: value}))


def the_fingerprint(pack: Path) -> None:
    shown_otherwise(pack, "fingerprint", "0" * 64)


def the_code(pack: Path) -> None:
    shown_otherwise(pack, "code_sha256", "bm9uZQ==")


def the_policy(pack: Path) -> None:
    shown_otherwise(pack, "policy_in_force", "nobody")


def no_approvals(pack: Path) -> None:
    shown_otherwise(pack, "approvals", [])


def an_approval_called_withdrawn(pack: Path) -> None:
    def forge(shown: Any) -> None:
        shown["releases"][0]["approvals"][0]["standing"] = "withdrawn"

    change(pack, "evidence.json", forge)


def nothing_around_the_gate(pack: Path) -> None:
    change(pack, "evidence.json", lambda shown: shown["around_the_gate"].clear())


def nothing_since(pack: Path) -> None:
    change(pack, "evidence.json", lambda shown: shown["since"].clear())


def a_digest(pack: Path) -> None:
    """Of somebody's sign-in before the approval."""
    lines = (pack / "digests.txt").read_text()
    (pack / "digests.txt").write_text(re.sub(r" [0-9a-f]{64}", " " + "0" * 64, lines, count=1))


def the_last_digest(pack: Path) -> None:
    *others, last = (pack / "digests.txt").read_text().splitlines()
    changed = [*others, f"{last.split()[0]} {'0' * 64}"]
    (pack / "digests.txt").write_text("\n".join(changed) + "\n")


ALTERED: list[tuple[Alter, str]] = [
    (the_texts, r"Event \d+ \(“menager approved R-\d+.*is not as it was sealed as number 4"),
    (a_readable_part, r"Event \d+ .*shows “somebody” as its actor_name, .* says “manager”"),
    (a_repetition, r"Event \d+ .*the pack repeats its actor_role as “security”"),
    (what_was_approved, r"Event \d+ .*the pack repeats its fingerprint as “0000"),
    (a_foreign_approval, r"Event \d+ .*is shown with R-999, which it is not of"),
    (the_sheet, r"Event \d+ .*its line in a sheet is not the same"),
    (the_sheet_of_what_went_live, r"Event \d+ .*released.*its line in a sheet is not the same"),
    (a_second_text_for_one_number, r"Two events of proof.json claim one number"),
    (left_out_everywhere, r"An event is missing: number 4 of the chain"),
    (left_out_of_the_story, r"Event \d+ was left out of evidence.json|is not in the pack"),
    (the_fingerprint, r"Event \d+ \(“Round 1 of .*shows “0000.*” as its fingerprint"),
    (the_code, r"Event \d+ \(“Round 1 of .*shows “bm9uZQ==” as its code_sha256"),
    (the_policy, r"Event \d+ \(“Round 1 of .*shows “nobody” as its policy_in_force"),
    (no_approvals, r"Event \d+ \(“manager approved .*what it is: for what was reviewed last"),
    (an_approval_called_withdrawn, r"Event \d+ \(“manager approved .*not shown as what it is"),
    (nothing_around_the_gate, r"Event \d+ \(“checkout was changed .*left out of what went around"),
    (nothing_since, r"Event \d+ \(“checkout was changed .*left out of what happened since"),
    (a_digest, r"Event \d+ \(“manager approved .*does not follow on Event"),
    (the_last_digest, r"What comes after Event \d+ .*does not lead on"),
]


@pytest.mark.parametrize(("alter", "says"), ALTERED, ids=[each[0].__name__ for each in ALTERED])
def test_what_was_altered_does_not_hold_and_is_named(pack: Pack, alter: Alter, says: str) -> None:
    alter(pack)
    status, words = check(pack)
    assert status == 1 and words.startswith("DOES NOT HOLD. ")
    assert re.search(says, words, re.DOTALL), words


def test_a_pack_made_up_as_a_whole_is_told_by_the_anchor(
    kept: Kept, pack: Pack, tmp_path: Path
) -> None:
    other = json.loads(kept.anchor.read_text())
    anchor = tmp_path / "other.json"
    anchor.write_text(json.dumps(other | {"link": "1" * 64}))
    status, words = check(pack, "--anchor", anchor)
    assert status == 1 and "or one after it was replaced: your anchor has another number" in words
    status, words = check(pack, "--anchor", "2" * 64)
    assert status == 1 and "no anchor of yours is in their chain" in words


def test_what_is_no_pack_is_said(tmp_path: Path) -> None:
    (tmp_path / "nothing.zip").write_bytes(b"nothing")
    status, words = check(tmp_path / "nothing.zip")
    assert status == 1 and "The pack cannot be read" in words


def test_no_cell_of_a_sheet_begins_a_formula(pack: Pack) -> None:
    for name in ("events.csv", "went_live.csv"):
        with (pack / name).open(newline="", encoding="utf-8-sig") as file:
            cells = [cell for line in csv.reader(file) for cell in line]
        assert cells and not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")]
    assert NOTE in (pack / "evidence.json").read_text().replace("\\u201c", "“")
