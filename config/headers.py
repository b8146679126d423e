"""What every answer tells browsers and caches, errors and plain ones included."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from config.asgi_types import Headers

FEATURES = (
    "accelerometer", "browsing-topics", "camera", "display-capture", "geolocation",
    "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi",
    "payment", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
# Copying a hash, and signing in by passkey: on our own pages only.
OWN_FEATURES = ("clipboard-write", "publickey-credentials-create", "publickey-credentials-get")
PERMISSIONS = ", ".join([f"{name}=()" for name in FEATURES] + [f"{n}=(self)" for n in OWN_FEATURES])
ALWAYS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# The same address answers a page or a part of one, by these.
VARY = ("Cookie", "HX-Request", "HX-Target")


def plain() -> Headers:
    """For what is no page, and not Django's: nothing in it may load or run anything."""
    return [
        *((name.lower().encode(), value.encode()) for name, value in ALWAYS.items()),
        (
            b"content-security-policy",
            b"default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
        ),
        (b"cache-control", b"no-store"),
        *_to_stay_on_tls(),
    ]


def _to_stay_on_tls() -> Headers:
    """As Django's SecurityMiddleware says it. Without TLS browsers pass over it."""
    if not settings.SECURE_HSTS_SECONDS:
        return []
    words = [f"max-age={settings.SECURE_HSTS_SECONDS}"]
    words += ["includeSubDomains"] * settings.SECURE_HSTS_INCLUDE_SUBDOMAINS
    words += ["preload"] * settings.SECURE_HSTS_PRELOAD
    return [(b"strict-transport-security", "; ".join(words).encode())]


class HeadersMiddleware:
    """The first of all, so that no answer of Django goes out without them.

    Pages may stay in the browser they were made for, where going back shows what was typed; they
    are asked for anew otherwise, and no cache in between keeps one. Whoever signs out has the
    browser forget them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        # What whitenoise serves is the same for everybody and says how long it lasts.
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "private, no-cache"
        if "private" in response.headers["Cache-Control"]:
            patch_vary_headers(response, VARY)
        if getattr(request, "has_signed_out", False):
            response.headers["Clear-Site-Data"] = '"cache"'
        return response
