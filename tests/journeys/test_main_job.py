"""The main job, through the real server without a key: attach a statement, ask, and read the same answer on every line."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

CORPUS = Path(os.environ.get("TICKMARK_CORPUS", Path(__file__).parents[3] / "shared" / "data"))


async def test_the_sample_question_streams_ticked_prose_a_chart_a_table_and_a_metric(
    start: Any, events: Any, samples: Path, question: str
) -> None:
    server = await start()
    conversation_id = await server.conversation(samples / "northwind_statements.csv")
    asked = await server.ask(conversation_id, question)
    told = events(asked)
    kinds = {event["type"] for event in told}
    assert {"text_delta", "tickmark", "chart_ready", "table_ready", "metric_ready", "suggestions"} <= kinds
    end = told[-1]
    assert (end["success"], end["figures"]["open"], end["figures"]["differs"]) == (True, 0, 0)

    ticked = {tick["shown"].lstrip("+") for tick in told if tick["type"] == "tickmark"}
    assert {"£48.3m", "£61.9m", "12.3%", "42.6%"} <= ticked
    chart = next(event["chart_data"] for event in told if event["type"] == "chart_ready")
    revenue = next(series for series in chart["series"] if series["name"] == "Revenue")
    assert revenue["values"] == [48310000, 52775000, 55120000, 61904000]
    assert len(set(revenue["value_ids"])) == 4

    growth = next(tick for tick in told if tick["type"] == "tickmark" and tick["shown"] == "+12.3%")
    path = f"/api/conversation/{conversation_id}/values/{growth['value_id']}"
    source = (await server.client.get(path)).json()
    assert source["value"]["state"] == "computed"
    leaves = [value["place"] for value in source["inputs"] if value["state"] == "tied"]
    assert {place["printed"] for place in leaves} == {"55,120", "61,904"}
    assert {place["line"] for place in leaves} == {6}

    last = told[-1]["seq"]
    everything = await server.follow(conversation_id, 0, last)
    assert everything[asked[0][0] - 1 :] == asked, "following shows other bytes than asking"
    assert await server.listen(conversation_id, 0, last) == everything, "the socket shows other bytes than SSE"
    async with connect(
        f"{server.url.replace('http', 'ws')}/ws/conversation/{conversation_id}?accumulated_text=false"
    ) as socket:
        await socket.recv()  # hello: nothing else is said while nothing happens


async def test_every_cursor_gives_the_identical_rest_on_both_lines_also_after_a_restart(
    start: Any, events: Any, samples: Path
) -> None:
    server = await start()
    conversation_id = await server.conversation(samples / "northwind_statements.csv")
    await server.ask(conversation_id, "What was operating profit in FY2023?")
    last = (await server.client.get(f"/api/conversation/{conversation_id}")).json()["last_seq"]
    everything = await server.follow(conversation_id, 0, last)
    assert [seq for seq, _ in everything] == list(range(1, last + 1))
    for after in range(last + 1):
        assert await server.follow(conversation_id, after, last) == everything[after:]
        assert await server.listen(conversation_id, after, last) == everything[after:]
    assert await server.follow(conversation_id, 0, last, **{"Last-Event-ID": str(last - 3)}) == everything[-3:]
    assert await server.stop() == 0
    again = await start()
    assert await again.follow(conversation_id, 0, last) == everything


async def test_a_statement_nobody_prepared_gives_right_numbers(start: Any, tmp_path: Path) -> None:
    statement = tmp_path / "harbour.csv"
    statement.write_text(
        "Harbour Freight AG;;;\nin Tausend EUR;;;\n;2023;2024;2025\nNet sales;12.400,5;13.020,5;11.718,5\n"
        "Cost of goods sold;(7.440,3);(8.072,7);(7.617,0)\nGross profit;4.960,2;4.947,8;4.101,5\n",
        "utf-8",
    )
    server = await start()
    conversation_id = await server.conversation(statement)
    path = f"/api/conversation/{conversation_id}/message"
    reply = (
        await server.client.post(path, json={"message": "How did net sales develop, and the gross margin?"})
    ).json()
    shown = {tick["shown"].lstrip("+−") for tick in reply["tickmarks"]}
    assert {"€12.4m", "€11.7m"} <= shown, reply["text"]
    assert {"40.0%", "35.0%"} <= shown, reply["text"]  # 4,960.2 / 12,400.5 and 4,101.5 / 11,718.5
    assert {"5.5%", "5.0%"} <= shown, reply["text"]  # down over both years; up in 2024
    assert reply["tables"][0]["rows"][1][3]["shown"] == "−10.0%"  # 11,718.5 against 13,020.5
    assert reply["figures"]["open"] == 0


@pytest.mark.corpus
async def test_the_best_product_line_agrees_with_the_file(start: Any) -> None:
    sales = CORPUS / "csv" / "supermarket_Sales.csv"
    if not sales.exists():
        pytest.skip(f"{sales} is not here; TICKMARK_CORPUS names the folder")
    totals: dict[str, dict[str, Decimal]] = {"Total": defaultdict(Decimal), "Gross income": defaultdict(Decimal)}
    with sales.open(newline="") as file:
        for row in csv.DictReader(file):
            for measure, sums in totals.items():
                sums[row["Product line"]] += Decimal(row[measure])
    server = await start()
    with sales.open("rb") as file:
        made = await server.client.post(
            "/api/analyze",
            files={"file": ("supermarket_Sales.csv", file, "text/csv")},
            data={"question": "Which product line earns most? Chart it."},
        )
    reply = made.json()
    measure = "Gross income" if "Gross income" in reply["text"] else "Total"
    best = max(totals[measure], key=totals[measure].__getitem__)
    assert best in reply["text"].split("\n\n")[0]
    charted = reply["charts"][0]
    values = {Decimal(str(value)) for value in charted["series"][0]["values"]}
    assert values == set(totals[measure].values())
    assert charted["x"]["values"][0] == best
