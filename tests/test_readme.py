"""The README is tested: what it says about settings and commands is so."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_every_setting_is_in_the_readme() -> None:
    settings = (ROOT / "config" / "settings.py").read_text()
    names = set(re.findall(r'env\.\w+\(\s*"(\w+)"', settings))
    assert len(names) > 10
    assert {name for name in names if f"| `{name}` |" not in README} == set()


def test_the_readme_names_no_setting_that_does_not_exist() -> None:
    settings = (ROOT / "config" / "settings.py").read_text()
    named = re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE)
    assert {name for name in named if f'"{name}"' not in settings} == set()


def test_the_two_commands_come_first() -> None:
    first = re.search(r"```sh\n(.*?)```", README, re.DOTALL)
    assert first and re.findall(r"^make (\w+)", first[1], re.MULTILINE) == ["demo", "test"]


def test_every_make_target_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)`", README)) <= targets


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert len(pictures) >= 3
    assert [name for name in pictures if not (ROOT / name).exists()] == []


# Where the permission is called otherwise than the operation.
NAMED_OTHERWISE = {"lambda:GetLayerVersionByArn": "lambda:GetLayerVersion"}


def test_the_policy_of_the_role_allows_every_call_that_is_made() -> None:
    policy = json.loads(re.findall(r"```json\n(.*?)```", README, re.DOTALL)[0])
    named = [statement["Action"] for statement in policy["Statement"]]
    allowed = {name for each in named for name in ([each] if isinstance(each, str) else each)}
    source = "".join(path.read_text() for path in (ROOT / "releases" / "aws").glob("*.py"))
    sent = re.findall(r'call\(\s*"(lambda|iam|kms|ecr)",\s*"(\w+)"', source)
    sent += [("lambda", name) for name in re.findall(r'_(?:write|pages)\("(\w+)"', source)]
    names = {f"{service}:{name}" for service, name in sent}
    assert len(names) > 12
    assert {NAMED_OTHERWISE.get(name, name) for name in names} - allowed == set()
