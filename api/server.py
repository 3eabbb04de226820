"""The process: one listening socket, uvicorn on uvloop, and an orderly end.

The socket is bound before anything is opened, so that a port in use costs nothing, and listens only when everything is
open and the garbage collector has put the start-up aside. SIGTERM and SIGINT end the running answers, then streams and
sockets (1012), then the process, with 0.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from errno import EADDRINUSE

import uvicorn
from starlette.applications import Starlette
from uvicorn.server import HANDLED_SIGNALS

from analysis.errors import TickmarkError
from api.app import create_app
from api.settings import Settings

MAX_FRAME_BYTES = 2 * 1024 * 1024
GRACE_S = 3
LAST_WORDS_S = 0.1  # what was committed last is on its way to readers when it is time to cut them
YOUNG_OBJECTS = 50_000  # between collections of the youngest generation: a stream makes many and keeps few


class StartError(Exception):
    """The server cannot start; the text is one line for the person who started it."""


class Server(uvicorn.Server):
    """uvicorn's server, which also ends what would not end by itself, and leaves with 0 after a signal."""

    def __init__(self, app: Starlette, on_started: Callable[[], None] = lambda: None) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http="httptools",
                ws="websockets-sansio",
                ws_max_size=MAX_FRAME_BYTES,
                ws_per_message_deflate=False,
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=30,
                timeout_graceful_shutdown=GRACE_S,
            )
        )
        self._app = app
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the app, then listen."""
        await super().startup(sockets)
        if self.started:
            self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the running answers, let their last words reach who listens, end what is open, close the app."""
        doors = getattr(self._app.state, "doors", None)
        if doors is not None:
            await doors.conversations.drain()
            await asyncio.sleep(LAST_WORDS_S)
        self._app.state.closing.begin()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn does it, but without raising the signal again afterwards: we were asked to end, and we did."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in HANDLED_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def bind(host: str, port: int) -> list[socket.socket]:
    """Sockets on every address of the host, bound and not listening yet. StartError says what is in the way."""
    bound: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            listener = socket.socket(family, kind, protocol)
            bound.append(listener)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            wanted = bound[0].getsockname()[1] if len(bound) > 1 else port
            listener.bind((address[0], wanted, *address[2:]))
    except OSError as error:
        for listener in bound:
            listener.close()
        if error.errno == EADDRINUSE:
            raise StartError(f"Port {port} on {host} is in use; choose another with --port or TICKMARK_PORT.") from None
        raise StartError(f"Cannot listen on {host}, port {port}: {error.strerror or error}.") from None
    return bound


def run(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve until a signal. `announce` gets the address as soon as the server answers. StartError when it cannot start."""
    _set_up_logging(settings.log_level)
    gc.set_threshold(YOUNG_OBJECTS, 20, 50)
    sockets = bind(settings.host, settings.port)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(settings, sockets, announce))
    finally:
        for listener in sockets:
            listener.close()


async def _serve(settings: Settings, sockets: list[socket.socket], announce: Callable[[str], None]) -> None:
    from api.assembly import opened_house  # here, so that a port in use is told at once

    address = _address(settings.host, sockets)
    try:
        async with opened_house(settings) as house:
            app = create_app(settings, house.conversations, house.library, house.places)
            await Server(app, lambda: announce(address)).serve(sockets)
    except TickmarkError as error:
        raise StartError(error.text) from error


def _address(host: str, sockets: list[socket.socket]) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{sockets[0].getsockname()[1]}"


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _set_up_logging(level: str) -> None:
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("uvicorn.error").addFilter(_without_bad_utf8_traceback)


def _without_bad_utf8_traceback(record: logging.LogRecord) -> bool:
    """uvicorn logs a traceback when a client sends a text frame that is not UTF-8; the client's fault deserves a line."""
    if record.msg == "Invalid UTF-8 sequence received from client.":
        record.exc_info = None
    return True
