"""What a seal is made of."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction

from releases.audit import chain, record
from releases.audit.keys import audit_keys
from releases.audit.verify import verify
from releases.models import AuditEvent, AuditSeal
from tests.sealing import seal_all


def test_a_stretch_is_followed_as_one_seal_after_the_other() -> None:
    digests = [bytes([each]) * chain.SIZE for each in range(3)]
    link, links, seals = chain.GENESIS, b"", b""
    for number, digest in enumerate(digests, 7):
        link = chain.link(link, digest)
        links, seals = links + link, seals + chain.seal(b"key", number, link)
    assert chain.followed(b"key", chain.GENESIS, b"".join(digests), 7) == (links, seals)


@pytest.mark.parametrize("format", chain.FORMATS)
def test_whoever_has_the_texts_makes_the_digest_that_postgresql_makes(
    transactional_db: None, format: int
) -> None:
    """With NULLs, an empty text and letters of several bytes."""
    record("person.sign_in_failed", by=None, username="Zoë “,{}” 日本")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(chain.SETTINGS)
        cursor.execute(
            f"SELECT {chain.texts('e', format)}, {chain.digest_of('e', format)}"
            " FROM releases_auditevent e"
        )
        texts, digest = cursor.fetchone()
    assert None in texts and "" in texts
    assert chain.digest(texts, format) == bytes(digest)


def test_what_was_sealed_in_an_older_format_stays_verifiable(
    transactional_db: None, owner: Any
) -> None:
    """And an event among them that is altered is named as ever."""
    for _ in range(3):
        record("person.signed_out", by=None)
    seal_in_format_1()
    for _ in range(2):
        record("person.signed_out", by=None)
    assert seal_all() == 2
    formats = AuditSeal.objects.order_by("number").values_list("format", flat=True)
    assert list(formats) == [1, 1, 1, 2, 2]
    assert (verify().sealed, verify().fault) == (5, "")
    second = AuditEvent.objects.order_by("pk")[1]
    owner.execute("ALTER TABLE releases_auditevent DISABLE TRIGGER USER")
    owner.execute("UPDATE releases_auditevent SET address = '192.0.2.1' WHERE id = %s", [second.pk])
    owner.execute("ALTER TABLE releases_auditevent ENABLE TRIGGER USER")
    assert verify().fault.startswith(f"Event {second.pk} ")
    assert verify().fault.endswith("was altered after it was sealed as number 2.")


def seal_in_format_1() -> None:
    """All events, as they were sealed when this format was the newest."""
    keys, link = audit_keys(), chain.GENESIS
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(chain.SETTINGS)
        cursor.execute(
            f"SELECT id, cluster, xid, {chain.digest_of('e', 1)}"
            " FROM releases_auditevent e ORDER BY xid, id"
        )
        for number, (event, cluster, xid, digest) in enumerate(cursor.fetchall(), 1):
            link = chain.link(link, bytes(digest))
            AuditSeal.objects.create(
                number=number,
                event_id=event,
                cluster=cluster,
                xid=xid,
                format=1,
                key_id=keys.newest,
                link=link,
                seal=chain.seal(keys[keys.newest], number, link, 1),
            )
