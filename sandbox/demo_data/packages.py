"""Deployment packages of the demo: several files of real code, which change with each revision."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable, Mapping, Sequence

from sandbox.demo_data.projects import Project
from sandbox.demo_data.sources import NODE, PYTHON, RUBY, SHELL

Files = dict[str, str]
EXECUTABLE = ("bootstrap",)


def package(
    project: Project, revision: int, log: Sequence[str] = (), extra: Mapping[str, str] | None = None
) -> bytes:
    """The same bytes each time: `revision` of this code base, with its change log."""
    files = {**LANGUAGES[project.language](project, revision), **(extra or {})}
    lines = [f"{number + 1}. {text}" for number, text in enumerate(log)]
    files["CHANGES.md"] = "\n".join([f"# {project.name}", "", *reversed(lines), ""])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in sorted(files.items()):
            entry = zipfile.ZipInfo(path, (2025, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if path in EXECUTABLE else 0o644) << 16
            archive.writestr(entry, text)
    return buffer.getvalue()


def _grown(words: Sequence[str], revision: int, least: int) -> list[str]:
    return list(words[: least + revision // 2])


def _words(project: Project, revision: int) -> dict[str, str]:
    return {
        "name": project.name,
        "about": project.about,
        "noun": project.noun,
        "Noun": project.noun.capitalize(),
        "revision": str(revision),
        "retries": str(2 + revision // 3),
        "timeout": str(4 + (revision * 3) % 7),
        "batch": str(25 * (1 + revision % 4)),
    }


def _filled(template: str, words: Mapping[str, str], **more: str) -> str:
    for name, value in {**words, **more}.items():
        template = template.replace(f"<{name}>", value)
    return template


def _code(
    project: Project, revision: int, kit: Mapping[str, Sequence[str]]
) -> tuple[dict[str, str], str]:
    """The words to fill in, and one piece of code for each verb, in turn of another shape."""
    words = _words(project, revision)
    shapes = kit["operations"]
    pieces = [
        _filled(shapes[number % len(shapes)], words, verb=verb, field=project.fields[number % 4])
        for number, verb in enumerate(_grown(project.verbs, revision, 2))
    ]
    return words, "\n".join(pieces)


def _python(project: Project, revision: int) -> Files:
    words, operations = _code(project, revision, PYTHON)
    verbs, fields = _grown(project.verbs, revision, 2), _grown(project.fields, revision, 3)
    routes = "".join(f'    "{verb}": service.{verb},\n' for verb in verbs)
    columns = "".join(f"    {field}: str | None = None\n" for field in fields)
    folder = f"{project.noun}s"
    return {
        "index.py": _filled(PYTHON["index"][0], words, routes=routes),
        f"{folder}/__init__.py": "",
        f"{folder}/service.py": _filled(PYTHON["service"][0], words) + "\n" + operations,
        f"{folder}/model.py": _filled(PYTHON["model"][0], words, columns=columns),
        f"{folder}/settings.py": _filled(PYTHON["settings"][0], words),
        "data/rates.json": _rates(project, revision),
        "requirements.txt": f"aws-lambda-powertools==3.{revision}.0\nboto3==1.40.{revision}\n",
    }


def _node(project: Project, revision: int) -> Files:
    words, operations = _code(project, revision, NODE)
    verbs, fields = _grown(project.verbs, revision, 2), _grown(project.fields, revision, 3)
    routes = "".join(f"  {verb}: service.{verb},\n" for verb in verbs)
    columns = "".join(f'  "{field}",\n' for field in fields)
    about = {"name": project.name, "version": f"1.{revision}.0", "type": "module", "private": True}
    return {
        "index.mjs": _filled(NODE["index"][0], words, routes=routes),
        "lib/service.mjs": _filled(NODE["service"][0], words) + "\n" + operations,
        "lib/model.mjs": _filled(NODE["model"][0], words, columns=columns),
        "lib/settings.json": json.dumps(
            {"retries": int(words["retries"]), "timeout": int(words["timeout"])}, indent=2
        ),
        "data/rates.json": _rates(project, revision),
        "package.json": json.dumps(about, indent=2) + "\n",
    }


def _ruby(project: Project, revision: int) -> Files:
    words, operations = _code(project, revision, RUBY)
    return {
        "function.rb": _filled(RUBY["index"][0], words),
        f"lib/{project.noun}.rb": _filled(RUBY["service"][0], words, operations=operations),
        "templates/mail.html.erb": _filled(RUBY["template"][0], words),
    }


def _shell(project: Project, revision: int) -> Files:
    words, operations = _code(project, revision, SHELL)
    return {
        "bootstrap": _filled(SHELL["index"][0], words),
        "lib/report.sh": _filled(SHELL["service"][0], words) + "\n" + operations,
        "data/rates.json": _rates(project, revision),
    }


def _rates(project: Project, revision: int) -> str:
    """A table of which each revision changes a few values."""
    chance = random.Random(project.name)  # noqa: S311 - the same numbers every time
    rates = {f"zone-{number:02}": chance.randrange(100, 900) for number in range(24)}
    for _ in range(revision):
        rates[f"zone-{chance.randrange(24):02}"] += chance.randrange(1, 40)
    return json.dumps(rates, indent=2) + "\n"


LANGUAGES: dict[str, Callable[[Project, int], Files]] = {
    "python": _python,
    "node": _node,
    "ruby": _ruby,
    "shell": _shell,
}
