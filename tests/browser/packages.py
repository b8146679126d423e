"""Packages as they lie on a developer's disk, and the ways into the form."""

from __future__ import annotations

import base64
import io
import random
import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.world import World

DROP = """([name, content]) => {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    const carried = new DataTransfer();
    carried.items.add(new File([bytes], name, { type: "application/zip" }));
    return carried;
}"""


def zip_with(path: str, content: bytes = b"x") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(path, content)
    return buffer.getvalue()


def incompressible(size: int) -> bytes:
    return zip_with("index.py", random.Random(2).randbytes(size))


def form_for(page: Page, world: World) -> None:
    page.goto(f"/releases/new/?function={world.function.pk}")


def choose(page: Page, content: bytes, folder: Path, name: str = "package.zip") -> None:
    """Through the file chooser that the label opens."""
    (folder / name).write_bytes(content)
    with page.expect_file_chooser() as chooser:
        page.get_by_text("Choose a zip file").click()
    chooser.value.set_files(folder / name)


def drop(page: Page, content: bytes, onto: str = "[data-dropzone]") -> None:
    carried = page.evaluate_handle(DROP, ["package.zip", base64.b64encode(content).decode()])
    page.dispatch_event(onto, "dragover", {"dataTransfer": carried})
    page.dispatch_event(onto, "drop", {"dataTransfer": carried})


def inspected(page: Page, state: str) -> None:
    expect(page.locator("#intake")).to_have_attribute("data-intake", state, timeout=60_000)
