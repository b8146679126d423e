"""The proof of a pack, whichever format its events were sealed in."""

from __future__ import annotations

from pathlib import Path

from accounts.models import User
from releases.audit import record
from releases.models import Release
from tests.audit.test_chain import seal_in_format_1
from tests.evidence.conftest import ClientFor, downloaded
from tests.evidence.test_check_evidence import check
from tests.sealing import seal_all


def test_a_pack_of_events_that_were_sealed_in_an_older_format_holds(
    released: Release, client_for: ClientFor, auditor: User, tmp_path: Path
) -> None:
    """With others of that format between them, and of a newer one after them."""
    seal_in_format_1()
    record("person.signed_in", by=auditor)
    assert seal_all() == 1
    pack = tmp_path / "pack.zip"
    pack.write_bytes(downloaded(client_for(auditor), f"/evidence/releases/{released.pk}/zip/"))
    status, words = check(pack)
    assert status == 0 and "all 5 events read as the texts that were sealed" in words, words
