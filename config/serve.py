"""`python -m config.serve`: the web process, as it must be started for its limits to hold."""

from __future__ import annotations

import argparse

import uvicorn

from config.http_head import BoundedHead


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m config.serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--log-level", default="info")
    parser.add_argument("--no-access-log", action="store_true")
    # Streams never end by themselves: how long a stop waits for what else is under way.
    parser.add_argument("--timeout-graceful-shutdown", type=int, default=5)
    options = parser.parse_args()
    uvicorn.run(
        "config.asgi:application",
        host=options.host,
        port=options.port,
        http=BoundedHead,
        ws="none",
        log_level=options.log_level,
        access_log=not options.no_access_log,
        server_header=False,
        timeout_graceful_shutdown=options.timeout_graceful_shutdown,
    )


if __name__ == "__main__":
    main()
