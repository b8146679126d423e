"""The code of a function that Sluice did not upload, from the address GetFunction gave (facts F2).

The address is a secret for ten minutes: whoever has it can read the code. It is in no log, no
record and no exception.
"""

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from botocore.httpsession import get_cert_path

from releases.aws.calls import Caller
from releases.aws.client import CONNECT_TIMEOUT, READ_TIMEOUT, dns_suffix
from releases.aws.errors import AwsError, NotFound, Permanent, Unavailable
from releases.aws.types import FunctionState

OPERATION = "DownloadCode"
CHUNK = 1 << 18


def download_code(caller: Caller, state: FunctionState, *, limit: int) -> Iterator[bytes]:
    """The bytes while they arrive, at most `limit`. Whoever reads them compares the hash.

    Raises Permanent for an address that is not S3's, a redirect, or a body over the limit.
    """
    address = state.code_location
    if not address:
        raise NotFound("AWS gave no address for this code.", operation=OPERATION)
    if not _is_trusted(address, region=caller.target.region, endpoint=caller.settings.endpoint):
        raise _refused("AWS gave an address for the code that is not one of S3; it was not opened.")
    caller.check()
    shown = {"FunctionName": state.name, "Version": state.version}
    answer = caller.record(OPERATION, shown, lambda: _open(address, caller.settings.endpoint), dict)
    return _chunks(answer["Body"], limit)


def _is_trusted(address: str, *, region: str, endpoint: str) -> bool:
    """https to S3 of the target's partition, or exactly the sandbox."""
    url = urlsplit(address)
    if endpoint:
        sandbox = urlsplit(endpoint)
        return (url.scheme, url.netloc) == (sandbox.scheme, sandbox.netloc)
    host = re.compile(
        rf"(?:[a-z0-9.-]+\.)?s3(?:[.-](?:dualstack\.)?{re.escape(region)})?"
        rf"\.{re.escape(dns_suffix(region))}"
    )
    return url.scheme == "https" and host.fullmatch(url.netloc) is not None


def _open(address: str, endpoint: str) -> Mapping[str, Any]:
    try:
        response = _pool(address, direct=bool(endpoint)).request(
            "GET",
            address,
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=False,
            timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT),
        )
    except urllib3.exceptions.HTTPError as error:
        failure: AwsError = _cut_off(error)
    else:
        if response.status == 200:
            metadata = {
                "HTTPStatusCode": response.status,
                "RequestId": response.headers.get("x-amz-request-id", ""),
            }
            return {"Body": response, "ResponseMetadata": metadata}
        response.close()
        failure = _not_ok(response.status)
    raise failure


def _pool(address: str, *, direct: bool) -> urllib3.PoolManager:
    url = urlsplit(address)
    proxy = getproxies().get(url.scheme)
    certificates = os.environ.get("AWS_CA_BUNDLE") or get_cert_path(True)
    if direct or not proxy or proxy_bypass(url.hostname or ""):
        return urllib3.PoolManager(cert_reqs="CERT_REQUIRED", ca_certs=certificates)
    return urllib3.ProxyManager(proxy, cert_reqs="CERT_REQUIRED", ca_certs=certificates)


def _chunks(body: urllib3.BaseHTTPResponse, limit: int) -> Iterator[bytes]:
    failure: AwsError | None = None
    received = 0
    try:
        for chunk in body.stream(CHUNK, decode_content=False):
            received += len(chunk)
            if received > limit:
                failure = _refused(f"The code is larger than {limit:,} bytes; the rest is unread.")
                break
            yield chunk
    except urllib3.exceptions.HTTPError as error:
        failure = _cut_off(error)
    finally:
        body.close()
    if failure:
        raise failure


def _not_ok(status: int) -> AwsError:
    if 300 <= status < 400:
        return _refused("S3 redirected the download of the code; that is not followed.", status)
    if status in (403, 404):
        return Unavailable(
            "The address of the code has expired; a new one is needed.",
            name="AddressExpired",
            operation=OPERATION,
            http_status=status,
        )
    kind = Unavailable if status >= 500 else Permanent
    return kind(f"S3 answered {status}.", operation=OPERATION, http_status=status)


def _cut_off(error: Exception) -> Unavailable:
    # urllib3's own text has the address in it.
    return Unavailable(
        "The download of the code was cut off.", name=type(error).__name__, operation=OPERATION
    )


def _refused(message: str, status: int | None = None) -> Permanent:
    return Permanent(message, name="DownloadRefused", operation=OPERATION, http_status=status)
