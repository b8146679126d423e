"""Talking to the identity provider, and to nobody else that its metadata may name."""

from __future__ import annotations

import os
from ipaddress import IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

from accounts.oidc.configured import allows_scheme

TIMEOUT = (3.05, 10)
LARGEST_ANSWER = 1 << 20


class Untrusted(OAuth2Error):  # type: ignore[misc]
    """What the provider said, or where it sent us, is not used; the message says why, of it."""


def check_address(address: str) -> str:
    """The address if it may be opened or people sent to it. Raises Untrusted."""
    url = urlsplit(address)
    if not url.hostname or "@" in url.netloc or not allows_scheme(url):
        raise Untrusted("It names an address that is not https.")
    return address


class _Checked(HTTPConnection):
    """Looks whom it is connected to before it says anything: a name may resolve to anything."""

    def _new_conn(self) -> Any:
        sock = super()._new_conn()
        peer = sock.getpeername()[0]
        if not _may_talk_to(self.host, peer):
            sock.close()
            raise Untrusted(
                f"{self.host} is at a private address. If it is meant, name it in"
                " SLUICE_OIDC_PRIVATE_HOSTS."
            )
        return sock


class _CheckedTls(_Checked, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Checked


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _CheckedTls


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        self.poolmanager = PoolManager(num_pools=4, maxsize=1)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


class Session(requests.Session):
    """No redirects, no proxies, no endless answers, nothing on private networks."""

    def __init__(self) -> None:
        super().__init__()
        # Neither a proxy, which would be whom it is connected to, nor passwords of ~/.netrc.
        self.trust_env = False
        self.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        for scheme in ("https://", "http://"):
            self.mount(scheme, _Adapter())

    def request(self, method: str, url: str, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        kwargs |= {"allow_redirects": False, "timeout": TIMEOUT, "stream": True}
        response = super().request(method, check_address(url), **kwargs)
        with response:
            body = b""
            for chunk in response.iter_content(1 << 16):
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise Untrusted("Its answer is larger than a megabyte.")
        # Read already, so nothing of it is fetched when somebody asks for the text.
        response._content = body
        if response.is_redirect:
            raise Untrusted("It redirects where it has to answer.")
        return response


def _may_talk_to(host: str, peer: str) -> bool:
    address = ip_address(peer)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_loopback:
        return bool(settings.SLUICE_OIDC_LOOPBACK)
    named = host in settings.SLUICE_OIDC_PRIVATE_HOSTS and not address.is_link_local
    return named or (address.is_global and not address.is_multicast)
