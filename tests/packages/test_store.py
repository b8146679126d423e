"""The store keeps each content once and never writes it again."""

import hashlib
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage

from releases.packages.intake import Received, receive
from releases.packages.store import Store
from tests.packages.zips import inspected, zip_of

SHA256 = hashlib.sha256(b"zip").hexdigest()
NAME = f"{SHA256[:2]}/{SHA256}.zip"


class Bucket(Storage):
    """A storage without paths, as S3 is."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def _save(self, name: str, content: "File[bytes]") -> str:
        self.objects[name] = content.read()
        return name

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        return ContentFile(self.objects[name])

    def exists(self, name: str) -> bool:
        return name in self.objects

    def delete(self, name: str) -> None:
        del self.objects[name]


class LateBucket(Bucket):
    """Here somebody else always keeps the same content just before us."""

    def save(self, name: str | None, content: IO[Any], max_length: int | None = None) -> str:
        assert name
        self.objects[name] = b"zip"
        return super().save(name, content, max_length)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(FileSystemStorage(location=tmp_path))


def upload(store: Store, content: bytes = b"zip") -> Received:
    return receive([content], directory=store.incoming_directory(), limit=1000)


def files_in(directory: Path) -> list[str]:
    paths = (path for path in directory.rglob("*") if path.is_file())
    return sorted(path.relative_to(directory).as_posix() for path in paths)


def test_package_is_named_after_its_content(store: Store) -> None:
    assert store.put(upload(store)) == NAME
    assert store.exists(NAME)
    with store.open(NAME) as file:
        assert file.read() == b"zip"


def test_upload_is_moved_not_copied(store: Store, tmp_path: Path) -> None:
    received = upload(store)
    inode = received.path.stat().st_ino
    store.put(received)
    assert (tmp_path / NAME).stat().st_ino == inode
    assert files_in(tmp_path) == [NAME]


def test_kept_package_cannot_be_written_to(store: Store, tmp_path: Path) -> None:
    store.put(upload(store))
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o440


def test_same_content_is_kept_once_and_not_replaced(store: Store, tmp_path: Path) -> None:
    store.put(upload(store))
    inode = (tmp_path / NAME).stat().st_ino
    assert store.put(upload(store)) == NAME
    assert (tmp_path / NAME).stat().st_ino == inode
    assert files_in(tmp_path) == [NAME]


def test_same_content_from_many_at_once_is_kept_once(store: Store, tmp_path: Path) -> None:
    for attempt in range(20):
        uploads = [upload(store, b"%d" % attempt) for _ in range(8)]
        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(store.put, uploads))) == 1
    assert len(files_in(tmp_path)) == 20


def test_lost_race_replaces_nothing(store: Store, tmp_path: Path) -> None:
    received = upload(store)
    store.put(upload(store))
    inode = (tmp_path / NAME).stat().st_ino
    assert store._link(received.path, NAME)
    assert (tmp_path / NAME).stat().st_ino == inode


def test_file_system_without_links_gets_a_copy(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", link)
    store.put(upload(store))
    assert files_in(tmp_path) == [NAME]


def test_a_copy_that_breaks_off_leaves_no_package(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError

    def cut_short(source: Path, target: Path) -> None:
        target.write_bytes(b"z")
        raise OSError("no space left")

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(Path, "replace", refuse)
    monkeypatch.setattr(shutil, "copy", cut_short)
    received = upload(store)
    with pytest.raises(OSError, match="no space left"):
        store.put(received)
    assert not store.exists(NAME)
    assert files_in(tmp_path) == [f"incoming/{received.path.name}"]


@pytest.mark.parametrize("damaged", [b"", b"z", b"zap"])
def test_uploading_again_cures_a_damaged_package(
    store: Store, tmp_path: Path, damaged: bytes
) -> None:
    store.put(upload(store))
    (tmp_path / NAME).unlink()
    (tmp_path / NAME).write_bytes(damaged)
    store.put(upload(store))
    assert (tmp_path / NAME).read_bytes() == b"zip"
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o440
    assert files_in(tmp_path) == [NAME]


def test_a_damaged_package_in_a_bucket_is_cured_too(tmp_path: Path) -> None:
    bucket = Bucket()
    bucket.objects[NAME] = b"zap"
    Store(bucket).put(receive([b"zip"], directory=tmp_path, limit=1000))
    assert bucket.objects == {NAME: b"zip"}


@pytest.mark.parametrize("bucket", [Bucket(), LateBucket()])
def test_bucket_holds_each_content_once(bucket: Bucket, tmp_path: Path) -> None:
    received = receive([b"zip"], directory=tmp_path, limit=1000)
    assert Store(bucket).put(received) == NAME
    assert bucket.objects == {NAME: b"zip"}
    assert files_in(tmp_path) == []


def test_manifest_lies_next_to_its_package(store: Store, tmp_path: Path) -> None:
    inspection = inspected(zip_of({"app.py": b"pass"}))
    assert store.manifest(SHA256) is None
    store.put_manifest(SHA256, inspection)
    store.put_manifest(SHA256, inspection)
    assert store.manifest(SHA256) == inspection
    assert files_in(tmp_path) == [f"{SHA256[:2]}/{SHA256}.manifest.json"]


def test_only_old_leftovers_are_discarded(store: Store, tmp_path: Path) -> None:
    old, fresh = upload(store).path, upload(store).path
    two_hours_ago = time.time() - 7200
    os.utime(old, (two_hours_ago, two_hours_ago))
    assert store.discard_incoming(timedelta(hours=1)) == 1
    assert (old.exists(), fresh.exists()) == (False, True)
