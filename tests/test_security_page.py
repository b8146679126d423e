"""SECURITY.md names no proof that does not exist, and README.md leads to it."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "SECURITY.md").read_text()


def test_every_proof_it_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/.]+)`", PAGE)
    assert len(named) > 20
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_module_and_command_it_names_exists() -> None:
    for module in re.findall(r"python -m ([\w.]+)", PAGE):
        assert (ROOT / f"{module.replace('.', '/')}.py").exists()


def test_its_figures_are_those_of_the_code() -> None:
    from releases.packages.sizes import DIRECTORY_LIMIT, Limits

    assert f"{DIRECTORY_LIMIT // (1 << 20)} MB and {Limits().entries:,} entries" in PAGE


def test_the_readme_leads_to_it() -> None:
    assert "](SECURITY.md)" in (ROOT / "README.md").read_text()
