"""Pages as pictures: as wide as asked, turned and cropped as they are shown, and the boxes of places are fractions of them."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.tools.documents.pdfs import Page, Text, pdf, statement_page
from tools.documents import read
from tools.documents.document import Box
from tools.documents.rendering import MAX_PIXELS, page_count, page_sizes, render
from tools.refusals import ToolError

WORDS = Page([Text("Revenue", 200, 300, size=24)])


def drawn(content: bytes, number: int = 1, width_px: int = 1200) -> Image.Image:
    picture = Image.open(BytesIO(render(content, "a.pdf", number, width_px)))
    assert picture.format == "WEBP"
    return picture


def ink(picture: Image.Image) -> Box:
    """The box round everything dark, as fractions of the picture."""
    found = picture.convert("L").point(lambda grey: 255 if grey < 128 else 0).getbbox()
    assert found is not None
    width, height = picture.size
    return (found[0] / width, found[1] / height, found[2] / width, found[3] / height)


def refused(content: bytes, number: int = 1) -> str:
    with pytest.raises(ToolError) as error:
        render(content, "a.pdf", number, 400)
    assert error.value.text.endswith(".")
    return error.value.code


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (100, 200, 500, 700)])
def test_the_box_of_a_line_lies_on_its_ink_however_the_page_is_turned_and_cropped(
    rotation: int, crop: tuple[float, float, float, float] | None
) -> None:
    content = pdf(Page(WORDS.texts, rotation=rotation, crop=crop))
    picture = drawn(content)
    wide, high = (400, 500) if crop else (612, 792)
    if rotation in (90, 270):
        wide, high = high, wide
    assert picture.width == pytest.approx(1200, abs=1)
    assert picture.height == pytest.approx(1200 * high / wide, abs=1)
    assert page_sizes(content, "a.pdf") == [(wide, high)]
    left, top, right, bottom = ink(picture)
    boxes = [box for passage in read(content, document_id="d", name="a.pdf").passages for _, box in passage.boxes]
    box = [*(min(box[side] for box in boxes) for side in (0, 1)), *(max(box[side] for box in boxes) for side in (2, 3))]
    assert box[0] - 0.01 <= left < right <= box[2] + 0.01
    assert box[1] - 0.01 <= top < bottom <= box[3] + 0.01
    assert right - left > 0.4 * (box[2] - box[0])
    assert bottom - top > 0.4 * (box[3] - box[1])


def test_the_box_of_a_cell_holds_the_ink_of_its_figure_alone() -> None:
    content = pdf(
        statement_page(
            ["Statements of Income", "(in millions)"],
            ["2022", "2021"],
            [
                ("Revenue", ["66,608", "62,286"]),
                ("Cost of sales", ["(63,106)", "(59,269)"]),
                ("Profit", ["3,502", "3,017"]),
            ],
        )
    )
    [table] = read(content, document_id="d", name="a.pdf").tables
    box = dict(table.columns[1].ats[0])["box"]
    picture = drawn(content, width_px=2400)
    width, height = picture.size
    left, top, right, bottom = (round(side * length) for side, length in zip(box, (width, height) * 2, strict=True))
    inside = picture.crop((left, top, right, bottom))
    assert table.columns[1].texts[0] == "66,608"
    assert ink(inside)[2] - ink(inside)[0] > 0.8
    beside = picture.crop((left - 60, top, left - 4, bottom)).convert("L")
    assert beside.getextrema()[0] > 128  # nothing of the label, and no figure cut in two


@pytest.mark.parametrize("width", [100, 400, 1200, 2400])
def test_a_page_is_as_wide_as_asked(width: int) -> None:
    assert drawn(pdf(WORDS), width_px=width).width == pytest.approx(width, abs=1)


@pytest.mark.parametrize("size", [(10, 14_400), (14_400, 10), (14_400, 14_400), (1, 1)])
def test_the_picture_of_a_strange_page_stays_within_bounds(size: tuple[float, float]) -> None:
    picture = drawn(pdf(Page(size=size)), width_px=2400)
    assert 0 < picture.width * picture.height <= MAX_PIXELS * 1.1
    assert max(picture.size) <= 16_383


def test_pages_are_counted_and_each_is_drawn_for_itself() -> None:
    content = pdf(*(Page([Text("x", 20 + 100 * number, 100, size=40)]) for number in range(4)))
    assert page_count(content) == 4
    lefts = [ink(drawn(content, number, 400))[0] for number in (1, 2, 3, 4)]
    assert lefts == sorted(lefts)
    assert lefts[3] > lefts[0] + 0.4


def test_what_has_no_such_page_is_refused_in_words() -> None:
    assert refused(pdf(WORDS), 2) == "unknown_page"
    assert refused(pdf(WORDS), 0) == "unknown_page"
    assert refused(b"Revenue,1\n") == "no_pages"
    assert refused(b"") == "no_pages"
    assert refused(pdf(WORDS, locked=True)) == "encrypted"
    assert refused(b"%PDF-1.7\n" + b"nothing of a file" * 20) == "unreadable_document"
    assert (page_count(b"%PDF-1.7\n"), page_count(b"a,b")) == (0, 0)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_file_is_drawn_or_refused(data: st.DataObject) -> None:
    content = bytearray(pdf(WORDS, WORDS))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(9, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(9, len(content)))]
    try:
        Image.open(BytesIO(render(bytes(content), "a.pdf", 1, 100))).load()
    except ToolError as error:
        known = error.code in ("unknown_page", "no_pages", "encrypted", "unreadable_document", "unreadable_page")
        if not known:
            raise
