"""The page, its files, and the chart library of the installed plotly."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

from api.routes import page


async def test_the_page_comes_with_a_policy_that_trusts_only_our_own_files(house: Any) -> None:
    reply = await house.client.get("/")
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert (await house.client.head("/")).status_code == 200


async def test_every_file_the_page_names_is_there_and_nothing_in_it_is_inline(house: Any) -> None:
    html = (await house.client.get("/")).text
    for path in re.findall(r'(?:src|href)="(/[^"]+)"', html):
        assert (await house.client.get(path)).status_code == 200, path
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|https?://", html)


async def test_files_are_packed_for_those_who_take_it_and_not_sent_twice(house: Any) -> None:
    packed = await house.client.get("/assets/page.js", headers={"Accept-Encoding": "gzip"})
    plain = await house.client.get("/assets/page.js", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content == (page.WEB / "page.js").read_bytes()
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    again = await house.client.get("/assets/page.js", headers={"If-None-Match": packed.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_the_chart_library_is_the_installed_one_and_kept_for_good_by_its_version(house: Any) -> None:
    script = page.plotly_script()
    assert script is not None
    reply = await house.client.get("/assets/plotly.min.js")
    assert reply.content == script.read_bytes()
    assert reply.headers["content-type"] == "text/javascript; charset=utf-8"
    assert reply.headers["cache-control"] == "no-cache"
    version = reply.headers["etag"].strip('"')
    kept = await house.client.get(f"/assets/plotly.min.js?v={version}")
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_packing_depends_on_the_bytes_alone(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_bytes(b"x" * 600_000)
    first, second = page.packed(tmp_path / "a.js"), page.packed(tmp_path / "a.js")
    assert (first.etag, first.packed) == (second.etag, second.packed)
    assert gzip.decompress(first.packed) == b"x" * 600_000


async def test_another_site_may_frame_the_page_only_when_it_was_named(running: Any) -> None:
    async with running(frame_ancestors="https://desk.example.com") as house:
        policy = (await house.client.get("/")).headers["content-security-policy"]
        assert "frame-ancestors https://desk.example.com;" in policy
