"""What a seal is made of."""

from __future__ import annotations

from releases.audit import chain


def test_a_stretch_is_followed_as_one_seal_after_the_other() -> None:
    digests = [bytes([each]) * chain.SIZE for each in range(3)]
    link, links, seals = chain.GENESIS, b"", b""
    for number, digest in enumerate(digests, 7):
        link = chain.link(link, digest)
        links, seals = links + link, seals + chain.seal(b"key", number, link)
    assert chain.followed(b"key", chain.GENESIS, b"".join(digests), 7) == (links, seals)
