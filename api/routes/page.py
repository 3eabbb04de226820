"""The page at `/`, its files, and the plotly.js that the installed plotly package brings along.

plotly.js is 4.8 MB and never changes while we run, so it is packed once, in a thread, while the server starts; plotly
itself is found without being imported. Everything has an ETag. The policy lets the page load only what is ours.
"""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from analysis.errors import CallerError
from api.plotly_script import plotly_script

WEB = Path(__file__).resolve().parent.parent / "web"
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".json": "application/json",
}
REVALIDATE = "no-cache"
KEEP = "public, max-age=31536000, immutable"
_PIECE_BYTES = 256 * 1024

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served: its media type, its entity tag, and its bytes, gzipped."""

    path: Path
    media_type: str
    etag: str
    packed: bytes

    def reply(self, request: Request, headers: Mapping[str, str]) -> Response:
        """The file, or 304 where the client has it."""
        headers = {"ETag": self.etag, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff", **headers}
        if self.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=self.media_type)
        return FileResponse(self.path, headers=headers, media_type=self.media_type)


def packed(path: Path) -> Asset:
    """Read and pack one file, piece by piece."""
    packer = zlib.compressobj(6, wbits=31)
    fingerprint = hashlib.sha256()
    pieces: list[bytes] = []
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            fingerprint.update(piece)
            pieces.append(packer.compress(piece))
    body = b"".join([*pieces, packer.flush()])
    return Asset(path, MEDIA_TYPES[path.suffix], f'"{fingerprint.hexdigest()[:16]}"', body)


@cache
def _packed_once(path: Path) -> Asset:
    return packed(path)


class Assets:
    """All files of the page. Made inside the running loop; plotly.js is ready a moment later."""

    def __init__(self, frame_ancestors: str, web: Path = WEB) -> None:
        files = [path for path in sorted(web.iterdir()) if path.suffix in MEDIA_TYPES] if web.is_dir() else []
        self._files = {path.name: packed(path) for path in files}
        script = plotly_script()
        self._plotly = asyncio.create_task(asyncio.to_thread(_packed_once, script)) if script else None
        self.policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
            f"font-src 'self'; form-action 'self'; frame-ancestors {frame_ancestors}; base-uri 'none'"
        )

    async def get(self, name: str) -> Asset:
        """CallerError `not_found` for what there is not."""
        if name == "plotly.min.js" and self._plotly is not None:
            return await asyncio.shield(self._plotly)
        if name not in self._files:
            raise CallerError("not_found", f"There is no file {name[:60]!r} here.")
        return self._files[name]

    async def settle(self) -> None:
        """Wait for the packing, so that the loop can close."""
        if self._plotly is not None:
            await asyncio.gather(self._plotly, return_exceptions=True)


def _assets(request: Request) -> Assets:
    assets: Assets = request.app.state.assets
    return assets


@router.api_route("/", methods=["GET", "HEAD"])
async def page(request: Request) -> Response:
    """The page."""
    assets = _assets(request)
    headers = {
        "Content-Security-Policy": assets.policy,
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": REVALIDATE,
    }
    return (await assets.get("index.html")).reply(request, headers)


@router.api_route("/assets/{name}", methods=["GET", "HEAD"])
async def asset(request: Request, name: str) -> Response:
    """A file of the page. One asked for by its version (`?v=<etag>`) may be kept for good; else the client asks again."""
    found = await _assets(request).get(name)
    versioned = request.query_params.get("v") == found.etag.strip('"')
    return found.reply(request, {"Cache-Control": KEEP if versioned else REVALIDATE})
