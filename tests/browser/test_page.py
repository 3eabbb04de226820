"""The page at `/`, in a real browser against the real service: what a first-time user sees and does."""

from __future__ import annotations

import os
import re
import select
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect, sync_playwright

from analysis.events import (
    Entry,
    ErrorRaised,
    Event,
    MessageComplete,
    MessageStart,
    TextDelta,
    Tickmark,
    UserMessage,
    encode,
)
from tests.tools.documents.pdfs import pdf, statement_page

pytestmark = pytest.mark.browser

QUESTION = "How did revenue develop, and what happened to the gross margin? Chart it."
HOUSE = Path(__file__).resolve().parent.parent.parent
DESK, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)
PATIENCE_MS = 30_000


def chromium() -> str:
    """The browser to drive; without one the tests skip, or fail where TICKMARK_REQUIRE_BROWSER is set."""
    names = ("chromium", "google-chrome", "chromium-browser", "chrome")
    found = os.environ.get("TICKMARK_CHROME") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        reason = "no browser: install chromium, or name one in TICKMARK_CHROME"
        (pytest.fail if os.environ.get("TICKMARK_REQUIRE_BROWSER") else pytest.skip)(reason)
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"]
        opened = playwright.chromium.launch(executable_path=path, args=arguments)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service of its own, started as a user starts it, without a key."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith(("TICKMARK_", "ANTHROPIC_"))}
    command = [sys.executable, "-m", "api.cli", "serve", "--port", "0", "--data", str(tmp_path_factory.mktemp("data"))]
    with subprocess.Popen(command, cwd=HOUSE, env=environ, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        said = service.stdout.readline()
        found = re.search(r"http://\S+", said)
        assert found, f"the service did not say where it is: {said!r}"
        yield found[0]
        service.terminate()
        assert service.wait(timeout=20) == 0


class Visit:
    """An open page, and all that went wrong on it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.add_init_script(
            "addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective}`))"
        )
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._check(request.url))

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text and "ERR_" not in text:
            self.complaints.append(text)

    def _check(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.complaints.append(f"asked elsewhere: {url}")

    def open(self, fragment: str = "") -> None:
        self.page.goto(f"{self.address}/{fragment}")

    def ask_the_sample(self) -> None:
        self.open()
        self.page.get_by_role("button", name=QUESTION).click()

    def wait_for(self, badge: str) -> None:
        """Wait for the end of an answer; it must have ended like this."""
        end = self.page.locator("#badge")
        expect(end).to_have_text(re.compile("Completed|Stopped|Failed"), timeout=PATIENCE_MS)
        assert end.inner_text() == badge, self.page.locator("#banner:visible, .note.e").all_inner_texts()
        self.page.evaluate("new Promise(requestAnimationFrame)")  # words are painted once a frame

    def finish(self) -> None:
        """Wait for a good end and for the chart."""
        self.wait_for("Completed")
        expect(self.page.locator(".plot .main-svg").first).to_be_visible()

    def conversation_id(self) -> str:
        return self.page.url.partition("#")[2]

    def prose(self) -> list[str]:
        """The words of the answers' paragraphs and lists."""
        found: list[str] = self.page.locator(".ai .body > :is(p, ul, ol, h3)").all_inner_texts()
        return found

    def artifacts(self) -> dict[str, int]:
        kinds = {"charts": ".plot .main-svg:first-child", "tables": "table", "metrics": ".kpi"}
        return {kind: self.page.locator(f".ai {which}").count() for kind, which in kinds.items()}


@pytest.fixture
def visit(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A fresh visitor; afterwards nothing may have gone wrong unseen."""
    asked: dict[str, Any] = {"viewport": DESK, **getattr(request, "param", {})}
    context = browser.new_context(reduced_motion="reduce", **asked)
    made = Visit(context.new_page(), address)
    yield made
    context.close()
    assert made.complaints == []


def test_the_sample_question_streams_ticked_prose_a_chart_a_table_and_a_metric(visit: Visit) -> None:
    visit.ask_the_sample()
    visit.wait_for("Completed")
    page = visit.page
    expect(page.locator(".me")).to_have_text(QUESTION)
    expect(page.locator(".plot .main-svg").first).to_be_visible()
    shown = visit.artifacts()
    assert shown["charts"] >= 1
    assert shown["tables"] >= 1
    assert shown["metrics"] >= 1
    assert page.locator(".plot .trace").count() >= 1
    prose = " ".join(visit.prose())
    assert "£61.9m" in prose
    assert "42.6%" in prose
    assert "[[" not in prose
    assert page.locator("p .fig.tied, li .fig.tied").count() >= 1
    assert page.locator("p .fig.computed, li .fig.computed").count() >= 1
    expect(page.locator("#count")).to_contain_text(re.compile(r"[1-9]\d* of \d+ figures ticked"))
    expect(page.locator("#question")).to_have_value("")


def test_a_reload_goes_on_with_the_same_conversation(visit: Visit) -> None:
    visit.ask_the_sample()
    visit.finish()
    before = visit.prose(), visit.artifacts()
    visit.page.reload()
    visit.finish()
    assert (visit.prose(), visit.artifacts()) == before
    visit.page.fill("#question", "And in FY2023?")
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator(".me")).to_have_count(2)
    visit.wait_for("Completed")


LISTEN = """(url) => new Promise((resolve) => {
  const heard = [];
  const source = new EventSource(url);
  source.onmessage = (event) => {
    heard.push([event.lastEventId, event.data]);
    if (JSON.parse(event.data).type === "message_complete") { source.close(); resolve(heard); }
  };
})"""
READ = """async (url) => {
  const reader = (await fetch(url)).body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes('"type":"message_complete"') || !text.endsWith("\\n\\n")) text += (await reader.read()).value;
  reader.cancel();
  return text.split("\\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6));
}"""


def test_event_source_hears_every_event_with_its_number(visit: Visit) -> None:
    visit.ask_the_sample()
    visit.wait_for("Completed")
    url = f"/api/conversation/{visit.conversation_id()}/message/stream?after=0&accumulated_text=false"
    heard = visit.page.evaluate(LISTEN, url)
    assert [int(number) for number, _ in heard] == list(range(1, len(heard) + 1))
    assert [data for _, data in heard] == visit.page.evaluate(READ, url)


class CuttingLine:
    """A line to the service that breaks each event stream after some bytes, as often as it is told."""

    def __init__(self, address: str, cuts: int, after_bytes: int) -> None:
        self._target = ("127.0.0.1", int(address.rpartition(":")[2]))
        self._after_bytes = after_bytes
        self.cuts_left = cuts
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        streamed = -1  # bytes since an event stream began on this line
        with near, socket.create_connection(self._target) as far:
            while True:
                for ready in select.select([near, far], [], [])[0]:
                    data = self._received(ready)
                    if not data:
                        return
                    (far if ready is near else near).sendall(data)
                    if ready is far:
                        streamed = 0 if b"text/event-stream" in data else streamed
                        streamed += len(data) if streamed >= 0 else 0
                        if streamed > self._after_bytes and self.cuts_left > 0:
                            self.cuts_left -= 1
                            return

    @staticmethod
    def _received(line: socket.socket) -> bytes:
        try:
            return line.recv(2048)
        except OSError:
            return b""


def test_a_line_that_is_cut_again_and_again_loses_and_doubles_nothing(browser: Browser, address: str) -> None:
    line = CuttingLine(address, cuts=6, after_bytes=4_000)
    context = browser.new_context(viewport=DESK, reduced_motion="reduce")
    visit = Visit(context.new_page(), line.address)
    visit.ask_the_sample()
    visit.wait_for("Completed")
    assert line.cuts_left < 6
    expect(visit.page.locator(".plot .main-svg").first).to_be_visible()
    expect(visit.page.locator("#banner")).to_be_hidden()
    cut = visit.prose(), visit.artifacts()
    line.cuts_left = 0
    visit.page.reload()
    visit.finish()
    assert (visit.prose(), visit.artifacts()) == cut
    assert visit.complaints == []
    context.close()
    line.close()


def test_a_figure_that_is_followed_is_marked_wherever_it_stands(visit: Visit) -> None:
    visit.ask_the_sample()
    visit.wait_for("Completed")
    tile = visit.page.locator(".kpi").first
    value_id = tile.get_attribute("data-value")
    tile.click()
    marked = visit.page.locator("[aria-pressed=true]")
    assert {mark.get_attribute("data-value") for mark in marked.all()} == {value_id}
    expect(visit.page.locator("#source")).to_be_visible()
    tile.click()
    expect(marked).to_have_count(0)
    expect(visit.page.locator("#source")).to_be_hidden()


STATE = "(log => [log.scrollTop, log.scrollHeight, log.clientHeight])(document.querySelector('#log'))"


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Look again after each frame until it holds."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while not holds():
        assert time.monotonic() < end, f"it never came to hold: {page.evaluate(STATE)}"
        page.evaluate("new Promise((resolve) => setTimeout(resolve, 16))")


def distance_to_the_end(page: Page) -> float:
    log = "(log => log.scrollHeight - log.scrollTop - log.clientHeight)(document.querySelector('#log'))"
    return float(page.evaluate(log))


@pytest.mark.parametrize("visit", [{"viewport": ViewportSize(width=1280, height=900)}], indirect=True)
def test_the_view_stays_with_every_answer_until_the_reader_scrolls_up(visit: Visit) -> None:
    page = visit.page
    visit.ask_the_sample()
    visit.finish()
    for turn, question in enumerate(("Dividend per share", "Gross profit by year, as a chart"), 2):
        page.fill("#question", question)
        page.keyboard.press("Enter")
        expect(page.locator(".ai")).to_have_count(turn)
        visit.wait_for("Completed")
        until(page, lambda: distance_to_the_end(page) < 2)
        expect(page.locator("#pill")).to_be_hidden()
    page.locator(".ai").last.hover()
    page.mouse.wheel(0, -600)
    until(page, lambda: distance_to_the_end(page) > 300)
    asked_elsewhere(visit, "Operating profit")
    expect(page.locator(".ai")).to_have_count(4)
    visit.wait_for("Completed")
    expect(page.locator("#pill")).to_be_visible()
    assert distance_to_the_end(page) > 300
    page.fill("#question", "Profit before tax")
    page.keyboard.press("Enter")
    expect(page.locator(".me")).to_have_count(5)
    visit.wait_for("Completed")
    until(page, lambda: distance_to_the_end(page) < 2)
    expect(page.locator("#pill")).to_be_hidden()


def asked_elsewhere(visit: Visit, question: str) -> None:
    """Ask by another way than this page, and wait for the whole answer."""
    url = f"{visit.address}/api/conversation/{visit.conversation_id()}/message"
    assert visit.page.request.post(url, data={"message": question}).ok


def test_a_second_tab_hears_what_is_asked_in_the_first_and_the_other_way_round(visit: Visit) -> None:
    visit.ask_the_sample()
    visit.finish()
    other = Visit(visit.page.context.new_page(), visit.address)
    other.open(f"#{visit.conversation_id()}")
    other.finish()
    turns = ((visit, "Dividend per share"), (other, "Operating profit"), (other, "Gross profit"), (visit, "Revenue"))
    for turn, (asker, question) in enumerate(turns, 2):
        asker.page.fill("#question", question)
        asker.page.keyboard.press("Enter")
        for tab in (visit, other):
            expect(tab.page.locator(".me")).to_have_count(turn)
            expect(tab.page.locator(".ai")).to_have_count(turn)
            tab.wait_for("Completed")
    until(other.page, lambda: other.prose() == visit.prose() and other.artifacts() == visit.artifacts())
    assert other.page.locator("#count").inner_text() == visit.page.locator("#count").inner_text()
    assert other.complaints == []


def test_a_page_that_only_listens_goes_on_after_a_cut(browser: Browser, address: str) -> None:
    line = CuttingLine(address, cuts=0, after_bytes=400)
    context = browser.new_context(viewport=DESK, reduced_motion="reduce")
    visit = Visit(context.new_page(), line.address)
    visit.ask_the_sample()
    visit.finish()
    line.cuts_left = 3
    asked_elsewhere(Visit(visit.page, line.address), "Dividend per share")
    expect(visit.page.locator(".ai")).to_have_count(2)
    visit.wait_for("Completed")
    assert line.cuts_left < 3
    assert len(visit.page.locator(".me").all()) == 2
    expect(visit.page.locator("#banner")).to_be_hidden()
    assert visit.complaints == []
    context.close()
    line.close()


def test_a_figure_leads_to_its_line_and_column_or_to_its_formula(visit: Visit) -> None:
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url) if "/values/" in request.url else None)
    visit.ask_the_sample()
    visit.finish()
    source = visit.page.locator("#source")
    tied = visit.page.locator("p .fig.tied", has_text="£61.9m").first
    tied.click()
    expect(source.locator("b")).to_have_text("Revenue, FY2024")
    expect(source).to_contain_text("61,904,000 GBP · northwind_statements.csv, line 6, column 5")
    visit.page.locator("p .fig.computed", has_text="42.6%").first.click()
    expect(source.locator("b")).to_have_text("Gross margin, FY2024")
    expect(source).to_contain_text("= Gross profit, FY2024 (£26.4m) ÷ Revenue, FY2024 (£61.9m)")
    visit.page.locator("td .fig.tied").first.click()
    expect(source).to_contain_text(re.compile(r"northwind_statements\.csv, line \d+, column \d+"))
    tied.click()
    expect(source).to_contain_text("line 6, column 5")
    assert len(asked) == len(set(asked))
    visit.page.locator(".plot").first.evaluate("plot => plot.emit('plotly_click', {points: [{customdata: 'v3'}]})")
    expect(source).to_contain_text("northwind_statements.csv, line 6, column 4")


def test_a_figure_over_many_rows_names_them(visit: Visit) -> None:
    visit.open()
    visit.page.get_by_role("button", name="Which product line earns most? Chart it.").click()
    visit.wait_for("Completed")
    visit.page.locator("p .fig.computed", has_text="£19.8m").first.click()
    source = visit.page.locator("#source")
    expect(source).to_contain_text("19,827,108 GBP · = sum(Revenue (GBP)) over 60 rows")
    expect(source).to_contain_text(
        "northwind_sales.csv, 60 rows, lines 2, 4, 5, 12, 21, 24, 30, 37 and 52 more, column 7"
    )


def test_a_figure_of_a_table_is_shown_among_its_rows_and_a_computed_one_leaf_by_leaf(visit: Visit) -> None:
    visit.ask_the_sample()
    visit.finish()
    sight = visit.page.locator("#sight")
    visit.page.locator("p .fig.tied", has_text="£61.9m").first.click()
    expect(sight.locator("td.mark")).to_have_text("61,904")
    expect(sight.locator("tr.at")).to_contain_text("Revenue")
    expect(sight.locator("thead")).to_contain_text("FY2024")
    expect(sight.locator(".leaf")).to_have_count(0)
    visit.page.locator("p .fig.computed", has_text="42.6%").first.click()
    expect(sight.locator(".leaf")).to_have_text(["Gross profit, FY2024, £26.4m", "Revenue, FY2024, £61.9m"])
    expect(sight.locator("tr.at")).to_contain_text("Gross profit")
    sight.locator(".leaf").last.click()
    expect(sight.locator("td.mark")).to_have_text("61,904")
    expect(sight.locator("td.mark")).to_be_in_viewport()
    visit.page.locator("p .fig.computed", has_text="42.6%").first.click()
    expect(sight).to_be_hidden()


REPORT = pdf(
    statement_page(
        ["Northwind plc", "Statements of Income", "(Dollars in millions)"],
        ["2022", "2021"],
        [
            ("Revenue", ["66,608", "62,286"]),
            ("Cost of sales", ["(63,106)", "(59,269)"]),
            ("Profit", ["3,502", "3,017"]),
        ],
        top=500,
    )
)


def test_a_figure_of_a_pdf_is_shown_on_its_page_in_its_box(visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(REPORT)
    visit.open()
    page = visit.page
    page.set_input_files("#picker", file)
    expect(page.locator("#files .file")).to_contain_text("1 table")
    page.fill("#question", "How much did revenue grow in 2022?")
    page.keyboard.press("Enter")
    visit.wait_for("Completed")
    figure = page.locator("p .fig.tied", has_text="$66.6bn").first
    with page.expect_response("**/values/*") as told:
        figure.click()
    expect(page.locator("#source")).to_contain_text("report.pdf, p. 1, Revenue, 2022")
    sight = page.locator("#sight")
    expect(sight.locator("img")).to_be_visible()
    mark = sight.locator(".mark")
    expect(mark).to_be_in_viewport()
    assert mark.get_attribute("title") == "66,608"
    [picture, drawn] = page.evaluate(
        "[...document.querySelectorAll('#sight img, #sight .mark')].map((node) => {"
        "  const box = node.getBoundingClientRect(), pad = node.tagName === 'IMG' ? [0, 0] : [3, 2];"
        "  return [box.left + pad[0], box.top + pad[1], box.right - pad[0], box.bottom - pad[1]]; })"
    )
    across, down = picture[2] - picture[0], picture[3] - picture[1]
    fractions = [
        (drawn[0] - picture[0]) / across,
        (drawn[1] - picture[1]) / down,
        (drawn[2] - picture[0]) / across,
        (drawn[3] - picture[1]) / down,
    ]
    assert fractions == pytest.approx(told.value.json()["value"]["place"]["box"], abs=0.002)
    assert visit.complaints == []


def test_a_page_that_cannot_be_drawn_says_so(visit: Visit) -> None:
    text = "Revenue was £48.3m."
    show(visit, *answer(text, tick(text, "£48.3m", value_id="v1")))
    place = {"document_id": "doc_1", "kind": "pdf", "page": 7, "box": [0.1, 0.1, 0.2, 0.2]}
    value = {
        "value_id": "v1",
        "label": "Revenue",
        "amount": "48300000",
        "unit": "GBP",
        "shown": "£48.3m",
        "place": place,
    }
    links = {"page_url": "/api/document/doc_1/pages/7", "around_url": "/api/document/doc_1/around?page=7"}
    source = {"value_id": "v1", "document_id": "doc_1", "name": "a.pdf", **links}
    visit.page.route(
        "**/values/v1", lambda route: route.fulfill(json={"value": value, "inputs": [], "sources": [source]})
    )
    words = "Drawing page 7 of a.pdf took longer than 20 s and was stopped. Open the file itself to see it."
    error = {"code": "unreadable_page", "text": words, "retryable": False, "fault": "caller"}
    visit.page.route("**/pages/7", lambda route: route.fulfill(status=422, json={"error": error}))
    visit.wait_for("Completed")
    visit.page.locator(".fig").click()
    expect(visit.page.locator("#sight")).to_have_text(words)


def test_a_figure_whose_source_is_not_known_says_what_the_page_knows(visit: Visit) -> None:
    text = "Revenue was £48.3m."
    show(visit, *answer(text, tick(text, "£48.3m", value_id="v1")))
    missing = {"error": {"code": "not_found", "text": "There is no value v1.", "retryable": False, "fault": "caller"}}
    visit.page.route("**/values/v1", lambda route: route.fulfill(status=404, json=missing))
    visit.wait_for("Completed")
    with visit.page.expect_response("**/values/v1"):
        visit.page.locator(".fig").click()
    expect(visit.page.locator("#source")).to_have_text("£48.3m£48.3m · tied to its source")
    expect(visit.page.locator("#banner")).to_be_hidden()


CSV = """Accounts of <b>Harbour & Sons</b>
in thousands of EUR

Income statement,FY2023,FY2024
Revenue,"1,204","1,390"
Cost of sales,700,764
"""


def test_an_own_csv_is_attached_and_asked_about(visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "harbour <img src=x onerror=alert>.csv"
    file.write_text(CSV)
    visit.open()
    visit.page.set_input_files("#picker", file)
    expect(visit.page.locator("#files .file")).to_contain_text("1 table")
    visit.page.fill("#question", "How did revenue develop? <img src=x onerror=alert>")
    visit.page.keyboard.press("Enter")
    visit.wait_for("Completed")
    assert "€1.4m" in " ".join(visit.prose())
    expect(visit.page.locator("img")).to_have_count(0)


def test_a_file_that_cannot_be_read_is_refused_in_words(visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "photo.csv"
    file.write_bytes(bytes(range(256)) * 40)
    visit.open()
    visit.page.set_input_files("#picker", file)
    expect(visit.page.locator("#banner")).to_contain_text("photo.csv: ")
    expect(visit.page.locator("#files")).to_be_hidden()


def test_an_unknown_conversation_leads_to_a_page_one_can_use(visit: Visit) -> None:
    visit.open("#conv_that_never_was")
    expect(visit.page.locator("#banner")).to_contain_text("There is no conversation")
    expect(visit.page.get_by_role("button", name=QUESTION)).to_be_visible()


def told(*happened: Event) -> str:
    """Events as a conversation's stream would bring them."""
    entries = [Entry("made_up", seq, "2026-11-21T08:00:00.000Z", event) for seq, event in enumerate(happened, 1)]
    return "".join(f"id: {entry.seq}\ndata: {encode(entry).decode()}\n\n" for entry in entries)


def show(visit: Visit, *happened: Event) -> None:
    """Open a conversation in which exactly this happened."""
    view = {"conversation_id": "made_up", "title": "", "documents": [], "messages": [], "last_seq": len(happened)}
    visit.page.route("**/api/conversation/made_up", lambda route: route.fulfill(json=view))

    def tell(route: Route) -> None:
        over = isinstance(happened[-1], MessageComplete)
        if over and route.request.headers.get("last-event-id") == str(len(happened)):
            return  # nothing more happens: whoever listens on hears nothing
        route.fulfill(body=told(*happened), headers={"Content-Type": "text/event-stream"})

    visit.page.route("**/api/conversation/made_up/message/stream?*", tell)
    visit.open("#made_up")


def answer(text: str, *ticks: Tickmark, stop_reason: str = "end_turn", after: Sequence[Event] = ()) -> list[Event]:
    """An answer whose text came in pieces of three characters."""
    deltas = [TextDelta("msg_2", text[at : at + 3], at) for at in range(0, len(text), 3)]
    end = MessageComplete("msg_2", stop_reason == "end_turn", stop_reason, text, {})
    start: list[Event] = [UserMessage("msg_1", "Well?", []), MessageStart("msg_2", "msg_1", "offline", "rules")]
    return [*start, *deltas, *ticks, *after, end]


def tick(text: str, shown: str, state: str = "tied", value_id: str | None = None) -> Tickmark:
    start = text.index(shown)
    return Tickmark("msg_2", start, start + len(shown), shown, state, value_id)


def test_ticks_stand_at_code_points_whatever_comes_before_them(visit: Visit) -> None:
    text = "Up 📈👍🏽 from £48.3m, to **£61.9m** (12.3%)."
    ticks = [tick(text, "£48.3m"), tick(text, "£61.9m", "computed"), tick(text, "12.3%", "open")]
    show(visit, *answer(text, *ticks))
    visit.wait_for("Completed")
    shown = [(figure.inner_text(), figure.get_attribute("class")) for figure in visit.page.locator(".fig").all()]
    assert shown == [("£48.3m", "fig tied"), ("£61.9m", "fig computed"), ("12.3%", "fig open")]
    expect(visit.page.locator("strong .fig")).to_have_text(re.compile("£61.9m"))
    assert visit.page.locator(".ai p").inner_text().startswith("Up 📈👍🏽 from £48.3m")


MARKDOWN = """## What changed

Margins **fell
twice.** A <b>tag</b> and [a link](javascript:alert(1)) stay text, 2 * 3 * 4 too,
and \\*so\\* does \\<this\\>.

- Cost of *sales*

- `EBIT` before tax
1. First
2. Second
```
x = <script>alert(1)</script>

y
```
The end."""


def test_markdown_becomes_blocks_and_everything_else_stays_text(visit: Visit) -> None:
    show(visit, *answer(MARKDOWN))
    visit.wait_for("Completed")
    blocks = visit.page.locator(".ai .body > *")
    assert [block.evaluate("node => node.tagName") for block in blocks.all()] == ["H3", "P", "UL", "OL", "PRE", "P"]
    paragraph = blocks.nth(1).inner_text()
    assert "A <b>tag</b> and [a link](javascript:alert(1)) stay text, 2 * 3 * 4 too, and *so* does <this>." in paragraph
    assert blocks.nth(2).locator("li").all_inner_texts() == ["Cost of sales", "EBIT before tax"]
    assert blocks.nth(4).inner_text() == "x = <script>alert(1)</script>\n\ny"
    expect(visit.page.locator(".ai b, .ai a, .ai script")).to_have_count(0)


def test_an_answer_that_failed_keeps_its_words_and_says_why(visit: Visit) -> None:
    trouble = ErrorRaised("msg_2", "provider_overloaded", "The model is overloaded.", True, "upstream")
    show(visit, *answer("Revenue **ro", stop_reason="failed", after=[trouble]))
    visit.wait_for("Failed")
    expect(visit.page.locator(".ai .body p")).to_have_text("Revenue ro")
    expect(visit.page.locator(".ai .note.e")).to_have_text("The model is overloaded.")
    expect(visit.page.locator("#stop")).to_be_hidden()


def test_an_answer_that_was_stopped_says_so(visit: Visit) -> None:
    show(visit, *answer("Revenue", stop_reason="interrupted"))
    visit.wait_for("Stopped")


def test_while_an_answer_runs_it_can_be_stopped_and_a_lost_line_says_so(visit: Visit) -> None:
    *running, _ = answer("Revenue rose")
    show(visit, *running)
    expect(visit.page.locator("#banner")).to_contain_text(f"Nothing is lost: resuming from event {len(running)}.")
    expect(visit.page.locator("#badge")).to_have_text("Streaming")
    expect(visit.page.locator(".ai p.caret")).to_have_text("Revenue rose")
    visit.page.route("**/api/conversation/made_up/interrupt", lambda route: route.fulfill(json={"state": "stopped"}))
    with visit.page.expect_request("**/interrupt") as asked:
        visit.page.get_by_role("button", name="Stop").click()
    assert asked.value.method == "POST"
    visit.page.fill("#question", "Never mind.")
    expect(visit.page.get_by_role("button", name="Stop & send")).to_be_visible()


PHONES = [
    {"viewport": PHONE, "is_mobile": True, "has_touch": True, "color_scheme": scheme} for scheme in ("light", "dark")
]


@pytest.mark.parametrize("visit", PHONES, indirect=True, ids=["light", "dark"])
def test_on_a_phone_nothing_is_wider_than_the_screen(visit: Visit) -> None:
    visit.ask_the_sample()
    visit.finish()
    assert visit.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    log, column = (visit.page.locator(which).bounding_box() for which in ("#log", ".ai"))
    assert log is not None
    assert column is not None
    assert column["x"] >= log["x"]
    assert column["x"] + column["width"] <= log["x"] + log["width"]
