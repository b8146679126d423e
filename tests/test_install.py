"""make install: what an interrupted one left is cured by the next."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

SCRIPT = Path("scripts/install.sh")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """With nothing to install, so that nothing is asked of the network."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(SCRIPT, tmp_path / SCRIPT)
    (tmp_path / "requirements-dev.lock").touch()
    return tmp_path


def install(checkout: Path) -> subprocess.CompletedProcess[str]:
    pythons = Path(sys.base_prefix) / "bin"
    path = f"{pythons}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", checkout / SCRIPT], env=os.environ | {"PATH": path}, text=True,
        capture_output=True, timeout=120, check=False,
    )  # fmt: skip


def test_an_interrupted_one_is_made_again_and_a_whole_one_kept(checkout: Path) -> None:
    # venv makes the interpreter first and pip last.
    venv.create(checkout / ".venv", symlinks=True, with_pip=False)
    first = install(checkout)
    assert (first.returncode, first.stderr) == (0, "")
    assert "Making .venv" in first.stdout and (checkout / ".venv/bin/pip").exists()
    (checkout / ".venv/installed.lock").write_text("an older one\n")
    second = install(checkout)
    assert (second.returncode, second.stderr) == (0, "")
    assert "Making .venv" not in second.stdout and "Installing" in second.stdout
    assert install(checkout).stdout == ""
