"""The measure of all things: a server that relays bytes and does nothing else.

One upstream connection per client, bytes handed over as they come, on uvloop. What a service costs above this is what
its own work costs.

    python -m benchmarks.passthrough --upstream http://127.0.0.1:8123
"""

from __future__ import annotations

import argparse
import asyncio
from typing import cast
from urllib.parse import urlsplit


class _Upstream(asyncio.Protocol):
    """Bytes from above go down."""

    def __init__(self, client: asyncio.Transport) -> None:
        self._client = client

    def data_received(self, data: bytes) -> None:
        self._client.write(data)

    def connection_lost(self, error: Exception | None) -> None:
        self._client.close()


class _Client(asyncio.Protocol):
    """Bytes from below go up, as soon as there is an up."""

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port
        self._waiting: list[bytes] = []
        self._upstream: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by descent
        self._connecting = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            self._upstream, _ = await loop.create_connection(lambda: _Upstream(self._transport), *self._address)
        except OSError:
            self._transport.close()
            return
        self._upstream.writelines(self._waiting)

    def data_received(self, data: bytes) -> None:
        if self._upstream is None:
            self._waiting.append(data)
        else:
            self._upstream.write(data)

    def connection_lost(self, error: Exception | None) -> None:
        self._connecting.cancel()
        if self._upstream is not None:
            self._upstream.close()


async def serve(upstream: str, port: int = 0) -> None:
    """Listen until killed; prints the address once it is open."""
    address = urlsplit(upstream)
    host, upstream_port = address.hostname or "127.0.0.1", address.port or 80
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Client(host, upstream_port), "127.0.0.1", port, backlog=2048)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description="A bare relay, to compare with")
    parser.add_argument("--upstream", required=True)
    parser.add_argument("--port", type=int, default=0)
    chosen = parser.parse_args()
    import uvloop

    uvloop.run(serve(chosen.upstream, chosen.port))


if __name__ == "__main__":
    main()
