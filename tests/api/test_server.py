"""The process: what it loads, how it refuses to start, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from api.cli import main
from api.server import StartError, bind

Refused = Callable[..., tuple[int, str]]
HOUSE = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "api.cli", "serve")


def environment() -> dict[str, str]:
    """The environment without any setting of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("TICKMARK_", "ANTHROPIC_"))}


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refused:
    """Try to start with these options and settings: the exit status, and what was said."""

    for name in set(os.environ) - set(environment()):
        monkeypatch.delenv(name)

    def attempt(*arguments: str, **settings: str) -> tuple[int, str]:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        status = main(["serve", *arguments])
        for name in settings:
            monkeypatch.delenv(name)
        said, complained = capsys.readouterr()
        assert said == ""
        return status, complained

    return attempt


@contextmanager
def started(data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process and its address."""
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", "--data", str(data)],
        cwd=HOUSE,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        address = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert address, process.stderr.read() if process.stderr and process.poll() is not None else "no address"
        yield process, address[0]
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_the_app_is_imported_without_anything_heavy() -> None:
    heavy = "pandas numpy plotly anthropic apsw jsonschema aiohttp".split()
    code = f"import sys, api.app; print(*[name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=HOUSE, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.skipif("sys.platform == 'win32'")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_streams_and_sockets_at_once_and_the_process_with_0(tmp_path: Path, number: int) -> None:
    with started(tmp_path) as (process, address), httpx.Client(base_url=address, trust_env=False) as client:
        client.post("/api/conversations", json={"conversation_id": "c"})
        stream_path, socket_path = "/api/conversation/c/message/stream?after=0", "/ws/conversation/c?after=0"
        with (
            client.stream("GET", stream_path) as stream,
            connect(address.replace("http", "ws") + socket_path, proxy=None) as line,
        ):
            assert "hello" in str(line.recv())
            assert "conversation_created" in str(line.recv())
            process.send_signal(number)
            assert b"conversation_created" in b"".join(stream.iter_bytes())
            with pytest.raises(ConnectionClosed) as closed:
                line.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1012
        assert process.wait(15) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


@pytest.mark.skipif("sys.platform == 'win32'")
def test_a_data_folder_has_one_server(tmp_path: Path, refused: Refused) -> None:
    with started(tmp_path) as (process, _):
        status, words = refused("--port", "0", "--data", str(tmp_path))
        process.terminate()
        assert process.wait(15) == 0
    assert status == 1
    assert_one_line(words)


def test_what_stands_in_the_way_is_told_in_one_line(tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "file").touch()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        cases = [
            (refused("--port", port, "--data", str(tmp_path)), 1, f"Port {port} on 127.0.0.1 is in use"),
            (refused("--port", "0", "--data", str(tmp_path / "file" / "below")), 1, "cannot be made"),
            (refused("--host", "0.0.0.0"), 2, "an address of this computer"),
            (refused(TICKMARK_PORT="x"), 2, "TICKMARK_PORT='x' is not understood"),
            (refused(TICKMARK_DATABASE_URL="postgres://x"), 2, "TICKMARK_DATABASE_URL is set"),
        ]
    for (status, said), expected, words in cases:
        assert status == expected
        assert_one_line(said)
        assert words in said


def assert_one_line(text: str) -> None:
    assert text.startswith("tickmark: ")
    assert text.count("\n") == 1


def test_localhost_is_bound_on_all_its_addresses_with_one_port() -> None:
    bound = bind("localhost", 0)
    try:
        assert len({listener.getsockname()[1] for listener in bound}) == 1
    finally:
        for listener in bound:
            listener.close()


def test_an_address_that_is_not_ours_is_refused_in_words() -> None:
    with pytest.raises(StartError, match=r"^Cannot listen on 192\.0\.2\.1, port 0: "):
        bind("192.0.2.1", 0)
