"""/healthz/: whether this process answers at all."""

from config.asgi_types import Send
from config.headers import plain

ANSWER = b"ok"


async def healthz(send: Send) -> None:
    """Says ok without Django: a probe knows neither the site's host name nor TLS."""
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(ANSWER)),
        *plain(),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": ANSWER})
