"""Who may come in: this computer, its own pages, and origins that were named."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from websockets.exceptions import InvalidStatus

from api.addresses import is_loopback

DESK = "https://desk.example.com"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]", "tm.localhost"])
def test_this_computer_has_several_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "::", "10.0.0.1", "example.com", "localhost.example.com", "127.0.0.1.nip.io"]
)
def test_other_hosts_are_not_this_computer(host: str) -> None:
    assert not is_loopback(host)


async def test_pages_of_other_origins_change_nothing_and_open_no_socket(running: Any) -> None:
    async with running(allowed_origins=(DESK,)) as house:
        own = house.address
        for origin, allowed in [
            (None, True),
            (own, True),
            ("http://localhost:5173", False),  # another program of this computer is another origin
            ("http://127.0.0.1", False),
            (DESK, True),
            ("https://evil.example", False),
            ("https://desk.example.com.evil.example", False),
            ("http://desk.example.com", False),
            ("null", False),
            ("file://", False),
            ("http://[", False),
            (f"{own}.evil.example", False),
            (f"{own}@evil.example", False),
        ]:
            headers = {"Origin": origin} if origin else {}
            made = await house.client.post("/api/conversations", headers=headers)
            assert made.status_code == (201 if allowed else 403), origin
            if not allowed:
                assert made.json()["error"]["code"] == "origin_refused"
            assert (await house.client.get("/api/conversations", headers=headers)).status_code == 200
            assert await opens(house, headers) is allowed, origin


async def opens(house: Any, headers: dict[str, str]) -> bool:
    try:
        async with house.socket("/ws", additional_headers=headers):
            return True
    except InvalidStatus as refused:
        body, status = refused.response.body, refused.response.status_code
    assert (status, orjson.loads(body)["error"]["code"]) == (403, "origin_refused")
    return False


async def test_a_name_that_was_pointed_at_this_computer_is_refused(running: Any) -> None:
    async with running(allowed_origins=(DESK,)) as house:
        for host, status in [
            ("evil.example", 403),
            ("evil.example:8000", 403),
            ("", 403),
            ("[", 403),
            ("localhost:8000", 200),
            ("[::1]:8000", 200),
            ("desk.example.com", 200),
        ]:
            reply = await house.client.get("/api/conversations", headers={"Host": host})
            assert reply.status_code == status, host
            if status == 403:
                assert reply.json()["error"]["code"] == "host_refused"
