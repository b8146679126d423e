"""Every other service: moto's server app behind our own HTTP server, imported on first use."""

import sys
import threading
from typing import Any
from urllib.parse import parse_qs, unquote

from sandbox.aws import moto_images
from sandbox.aws.http import Request, Response

FORM = "application/x-www-form-urlencoded"
OBJECT = {"GET": "GetObject", "PUT": "PutObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}
BUCKET = {"GET": "ListObjects", "PUT": "CreateBucket", "HEAD": "HeadBucket"}
MULTIPART = {"PUT": "UploadPart", "POST": "CompleteMultipartUpload"}


class MotoApp:
    def __init__(self) -> None:
        self._app: Any = None
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Response:
        started: dict[str, Any] = {}

        def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
            started.update(status=int(status.split(" ", 1)[0]), headers=headers)

        chunks = self._loaded()(environ(request), start_response)
        try:
            content = b"".join(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        hop = ("connection", "transfer-encoding", "server", "date")
        headers = [(k, v) for k, v in started["headers"] if k.lower() not in hop]
        return Response(started["status"], headers, content)

    def _loaded(self) -> Any:
        with self._lock:
            if self._app is None:
                from moto.moto_server.werkzeug_app import (
                    DomainDispatcherApplication,
                    create_backend_app,
                )

                moto_images.keep_untagged()
                self._app = DomainDispatcherApplication(create_backend_app)
        return self._app


def environ(request: Request) -> dict[str, Any]:
    host, port = request.connection.getsockname()[:2]
    path = unquote(request.path, "latin-1")
    found: dict[str, Any] = {
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": request.body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": request.query,
        "REQUEST_URI": request.target,
        "RAW_URI": request.target,
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1",
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        if key == "TRANSFER_ENCODING" or "_" in name:
            continue
        found[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    if request.length:
        found["CONTENT_LENGTH"] = str(request.length)
    return found


def operation(request: Request, service: str) -> str:
    """A name for the call log and the faults; S3's are told from method and path."""
    if target := request.headers.get("X-Amz-Target"):
        return str(target).rpartition(".")[2]
    if request.headers.get("Content-Type", "").startswith(FORM):
        content = request.read()
        request.replay(content)
        return parse_qs(content.decode("latin-1")).get("Action", [""])[0]
    return _s3_operation(request) if service == "s3" else f"{request.method} {request.path}"


def _s3_operation(request: Request) -> str:
    query = parse_qs(request.query, keep_blank_values=True)
    bucket, _, key = request.path.strip("/").partition("/")
    if "uploads" in query:
        return "CreateMultipartUpload"
    if "uploadId" in query:
        return MULTIPART.get(request.method, request.method)
    if "versioning" in query:
        return "PutBucketVersioning" if request.method == "PUT" else "GetBucketVersioning"
    if key:
        return OBJECT.get(request.method, request.method)
    if "list-type" in query:
        return "ListObjectsV2"
    return BUCKET.get(request.method, request.method) if bucket else "ListBuckets"
