"""Pages, surroundings and sources over HTTP: real routes, library, workers and journal; PDF files made by the test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from analysis import events
from analysis.events import Draft
from api.app import create_app
from api.assembly import House, opened_house
from api.settings import Settings
from tests.tools.documents.pdfs import Page, pdf, statement_page
from tools.values import Period, Place, Scale, Value

REPORT = pdf(
    Page(),
    statement_page(
        ["Northwind plc", "Statements of Income", "(Dollars in millions)"],
        ["2022", "2021"],
        [
            ("Revenue", ["66,608", "62,286"]),
            ("Cost of sales", ["(63,106)", "(59,269)"]),
            ("Profit", ["3,502", "3,017"]),
        ],
    ),
)
CSV = b"GBP thousand,FY2023,FY2024\nRevenue,55120,61904\nCost of sales,-29100,-31207\n"
BOX = (0.6918, 0.2224, 0.7368, 0.2351)


class Client(httpx.AsyncClient):
    """A client of the app in this process, and the house behind it."""

    house: House

    async def bring(self, name: str, content: bytes) -> str:
        reply = await self.post("/api/documents", files={"file": (name, content)})
        assert reply.status_code == 201, reply.text
        return str(reply.json()["document_id"])

    async def error(self, path: str) -> tuple[int, str]:
        reply = await self.get(path)
        body = reply.json()["error"]
        assert body["text"].endswith(".")
        return reply.status_code, body["code"]


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[Client]:
    settings = Settings(data=folder, provider="offline", workers=1)
    async with opened_house(settings, warm=False) as house:
        app = create_app(settings, house.conversations, house.library, house.places)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app, raise_app_exceptions=True)
            async with Client(transport=transport, base_url="http://127.0.0.1", timeout=30) as client:
                client.house = house
                yield client


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with served(tmp_path) as client:
        yield client


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


def revenue(document_id: str, value_id: str = "v1") -> Value:
    place = Place(document_id, "pdf", (("page", 2), ("box", BOX)), "66,608", row="Revenue", column="2022", table="t1")
    period = Period("FY2022", "year")
    amount = Decimal("66608000000")
    return Value(
        value_id, "Revenue", amount, "USD", "$66.6bn", "tied", period, place, Scale(6, "table title"), tool_id="t"
    )


async def conversation_with(client: Client, document_id: str, *values: Value) -> str:
    """A conversation in which a call returned these values."""
    made = (await client.post("/api/conversations", json={"document_ids": [document_id]})).json()
    conversation_id = str(made["conversation_id"])
    private = {"values": [value.to_wire() for value in values], "tables": [], "content": "done"}
    told = [
        events.UserMessage("msg_1", "Revenue?", []),
        events.MessageStart("msg_2", "msg_1", "offline", "rules"),
        events.ToolStart("msg_2", "t", "query_data", 0),
        events.ToolValidated("msg_2", "t", "query_data", {}),
    ]
    drafts = [Draft(event) for event in told]
    drafts.append(Draft(events.ToolComplete("msg_2", "t", "query_data", True, 1, {"summary": "done"}), private))
    zero = dict.fromkeys(("tied", "computed", "given", "open", "differs"), 0)
    drafts.append(Draft(events.MessageComplete("msg_2", True, "end_turn", "", {}, zero)))
    await client.house.conversations.journal.append(conversation_id, drafts)
    return conversation_id


async def test_a_page_comes_as_a_picture_that_a_browser_may_keep(client: Client) -> None:
    path = f"/api/document/{await client.bring('report.pdf', REPORT)}/pages/2"
    first = await client.get(path)
    assert (first.status_code, first.headers["content-type"]) == (200, "image/webp")
    assert first.headers["cache-control"] == "private, max-age=3600"
    assert first.headers["x-content-type-options"] == "nosniff"
    assert Image.open(BytesIO(first.content)).width == pytest.approx(1200, abs=1)
    again = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    small = await client.get(path, params={"width": 300})
    assert Image.open(BytesIO(small.content)).width == pytest.approx(400, abs=1)
    assert small.headers["etag"] != first.headers["etag"]
    unkept = await client.get(path, headers={"If-None-Match": small.headers["etag"]})
    assert (unkept.status_code, unkept.content) == (200, first.content)


async def test_pages_are_counted_with_their_sizes(client: Client) -> None:
    document_id = await client.bring("report.pdf", REPORT)
    reply = await client.get(f"/api/document/{document_id}/pages")
    assert reply.json() == {
        "document_id": document_id,
        "name": "report.pdf",
        "pages": 2,
        "sizes": [[612.0, 792.0], [612.0, 792.0]],
    }


async def test_what_cannot_be_shown_is_a_problem_with_a_stable_code(client: Client) -> None:
    report, table = await client.bring("report.pdf", REPORT), await client.bring("a.csv", CSV)
    wanted = {
        f"/api/document/{report}/pages/3": (404, "unknown_page"),
        f"/api/document/{report}/pages/0": (422, "bad_field"),
        f"/api/document/{report}/pages/two": (422, "bad_field"),
        f"/api/document/{report}/pages/1?width=99": (422, "bad_field"),
        f"/api/document/{report}/pages/1?width=2401": (422, "bad_field"),
        f"/api/document/{table}/pages/1": (409, "no_pages"),
        f"/api/document/{table}/pages": (409, "no_pages"),
        "/api/document/doc_9/pages/1": (404, "unknown_document"),
        "/api/document/doc_9/pages": (404, "unknown_document"),
        "/api/document/doc_9/around?line=1": (404, "unknown_document"),
        f"/api/document/{table}/around": (422, "bad_field"),
        f"/api/document/{table}/around?table=t1": (422, "bad_field"),
        f"/api/document/{table}/around?line=99": (404, "unknown_place"),
        f"/api/document/{table}/around?line=1&rows=26": (422, "bad_field"),
        f"/api/document/{table}/around?LINE=1": (422, "bad_field"),
        f"/api/document/{table}/around?{'line=1&' * 61}": (422, "bad_field"),
        f"/api/document/{table}/around?pointer={'x' * 2001}": (422, "bad_field"),
    }
    assert {path: await client.error(path) for path in wanted} == wanted


@pytest.mark.parametrize(
    ("name", "content", "code", "status"),
    [
        ("locked.pdf", pdf(Page(), locked=True), "encrypted", 422),
        ("scan.pdf", pdf(Page(scanned=True)), "no_text", 422),
        ("torn.pdf", REPORT[:300], "unreadable_document", 422),
    ],
)
async def test_a_pdf_that_cannot_be_read_says_why(
    client: Client, name: str, content: bytes, code: str, status: int
) -> None:
    reply = await client.post("/api/documents", files={"file": (name, content)})
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)


async def test_a_path_in_a_file_name_is_a_name_and_nothing_else(client: Client, tmp_path: Path) -> None:
    reply = await client.post("/api/documents", files={"file": ("../../../etc/cron.d/a.csv", CSV)})
    assert (reply.status_code, reply.json()["name"]) == (201, "a.csv")
    assert not [path for path in files(tmp_path) if path.suffix == ".csv"]


async def test_the_rows_around_a_cell_come_with_the_cell_marked(client: Client) -> None:
    document_id = await client.bring("a.csv", CSV)
    found = (await client.get(f"/api/document/{document_id}/around", params={"line": 2, "column": 3})).json()
    assert found["table"]["rows"][0] == {"line": 2, "cells": ["Revenue", "55120", "61904"], "marked": [2]}
    assert (found["name"], found["kind"]) == ("a.csv", "csv")


async def test_a_values_sources_lead_to_its_page_and_to_the_rows_around_it(client: Client) -> None:
    document_id = await client.bring("report.pdf", REPORT)
    conversation_id = str(
        (await client.post("/api/conversations", json={"document_ids": [document_id]})).json()["conversation_id"]
    )
    question = {"message": "How much did revenue grow in 2022?"}
    answer = (await client.post(f"/api/conversation/{conversation_id}/message", json=question)).json()
    grown = next(tick for tick in answer["tickmarks"] if tick["state"] == "computed")
    found = (await client.get(f"/api/conversation/{conversation_id}/values/{grown['value_id']}")).json()
    leaves = [one for one in found["inputs"] if one["state"] == "tied"]
    assert sorted(leaf["amount"] for leaf in leaves) == ["62286000000", "66608000000"]
    by_id = {source["value_id"]: source for source in found["sources"]}
    for leaf in leaves:
        assert (leaf["unit"], leaf["scale"]["power"], leaf["place"]["page"]) == ("USD", 6, 2)
        source = by_id[leaf["value_id"]]
        assert source["name"] == "report.pdf"
        assert (await client.get(source["page_url"])).headers["content-type"] == "image/webp"
        around = (await client.get(source["around_url"])).json()
        marked = [row["cells"][column] for row in around["table"]["rows"] for column in row.get("marked", ())]
        assert marked == [leaf["place"]["printed"]]
        assert around["page_url"] == source["page_url"]


async def test_a_box_outlives_the_restart_and_the_document(tmp_path: Path) -> None:
    async with served(tmp_path) as client:
        document_id = await client.bring("report.pdf", REPORT)
        growth = Value(
            "v2", "Growth", Decimal("0.07"), "ratio", "7.0%", "computed", formula="v1 / v0 - 1", inputs=("v1", "v0")
        )
        conversation_id = await conversation_with(client, document_id, revenue(document_id), growth)
    path = f"/api/conversation/{conversation_id}/values/v2"
    async with served(tmp_path) as client:
        found = (await client.get(path)).json()
        [leaf] = found["inputs"]
        assert leaf == {**revenue(document_id).to_wire(), "place": {**leaf["place"], "box": list(BOX)}}
        [source] = found["sources"]
        assert source["page_url"] == f"/api/document/{document_id}/pages/2"
        assert (await client.delete(f"/api/conversation/{conversation_id}/documents/{document_id}")).status_code == 204
        assert (await client.get(path)).json() == found
        assert (await client.get(source["page_url"])).status_code == 200
        assert (await client.delete(f"/api/document/{document_id}")).status_code == 204
        assert files(tmp_path / "blobs") + files(tmp_path / "cache") == []
        gone = (await client.get(path)).json()
        assert gone["inputs"] == found["inputs"]
        assert gone["sources"] == [
            {"value_id": "v1", "document_id": document_id, "name": "report.pdf", "removed": True}
        ]
        assert (await client.get(source["page_url"])).status_code == 404
    async with served(tmp_path) as client:
        assert (await client.get(path)).json() == gone


async def test_a_lost_cache_is_read_again_for_the_next_question_and_the_conversation_hears_of_it(
    client: Client, tmp_path: Path
) -> None:
    document_id = await client.bring("report.pdf", REPORT)
    made = await client.post("/api/conversations", json={"document_ids": [document_id]})
    conversation_id = str(made.json()["conversation_id"])
    for path in files(tmp_path / "cache"):
        if path.suffix == ".json":
            path.unlink()
    question = {"message": "How much did revenue grow in 2022?"}
    answer = (await client.post(f"/api/conversation/{conversation_id}/message", json=question)).json()
    assert answer["success"]
    told = [entry.event for entry in await client.house.conversations.journal.read(conversation_id, 0)]
    progress = [event for event in told if isinstance(event, events.DocumentProgress)]
    assert events.DocumentProgress(document_id, "reading", 2, 2) in progress
    assert progress[-1].done == progress[-1].total
    kinds = [event.TYPE for event in told]
    assert kinds.index("document_added") < kinds.index("document_progress") < kinds.index("user_message")


async def test_a_document_is_attached_to_many_conversations_and_taken_out_of_one(client: Client) -> None:
    document_id = await client.bring("a.csv", CSV)
    ids = [(await client.post("/api/conversations", json={})).json()["conversation_id"] for _ in range(2)]
    for one in ids:
        attached = await client.post(f"/api/conversation/{one}/documents", json={"document_ids": [document_id]})
        assert [card["document_id"] for card in attached.json()["documents"]] == [document_id]
    detach = f"/api/conversation/{ids[0]}/documents/{document_id}"
    assert (await client.delete(detach)).status_code == 204
    assert (await client.delete(detach)).json()["error"]["code"] == "unknown_document"
    views: list[Any] = [(await client.get(f"/api/conversation/{one}")).json() for one in ids]
    assert [len(view["documents"]) for view in views] == [0, 1]
    assert (await client.get(f"/api/document/{document_id}")).status_code == 200
