"""Multipart bodies give the same parts however the network cuts them, and broken ones are refused."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import CallerError
from api.multipart import Parts

TYPE = "multipart/form-data; boundary=X"


def body(*parts: tuple[str, bytes]) -> bytes:
    return b"".join(b"--X\r\n%b\r\n\r\n%b\r\n" % (head.encode(), data) for head, data in parts) + b"--X--\r\n"


async def cut(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def read(data: bytes, size: int = 1 << 20, content_type: str = TYPE) -> list[tuple[str, str | None, str, bytes]]:
    parts = Parts(content_type, cut(data, size))
    found = []
    while part := await parts.next():
        content = b"".join([chunk async for chunk in parts.chunks()])
        found.append((part.name, part.filename, part.media_type, content))
    return found


FILE = 'Content-Disposition: form-data; name="file"; filename="bücher.csv"\r\nContent-Type: text/csv'
FIELD = 'Content-Disposition: form-data; name="question"'


@given(st.binary(max_size=300).filter(lambda data: b"\r\n--X" not in data), st.integers(1, 80))
async def test_parts_do_not_depend_on_how_the_body_was_cut(data: bytes, size: int) -> None:
    assert await read(body((FILE, data), (FIELD, b"Why?")), size) == [
        ("file", "bücher.csv", "text/csv", data),
        ("question", None, "application/octet-stream", b"Why?"),
    ]


@given(st.integers(1, 40))
async def test_what_is_not_read_of_a_part_is_skipped(size: int) -> None:
    parts = Parts(TYPE, cut(body((FILE, b"a" * 100), (FIELD, b"Why?")), size))
    assert (await parts.next()).name == "file"  # type: ignore[union-attr]
    assert (await parts.next()).name == "question"  # type: ignore[union-attr]
    assert await parts.text(100, "too_large") == "Why?"
    assert await parts.next() is None
    assert await parts.next() is None


@given(st.data())
async def test_a_body_cut_anywhere_is_refused(data: st.DataObject) -> None:
    whole = body((FILE, b"1,2"), (FIELD, b"Why?"))
    end = data.draw(st.integers(0, len(whole) - len(b"--\r\n") - 1))
    with pytest.raises(CallerError) as refusal:
        await read(whole[:end], 7)
    assert refusal.value.code == "bad_multipart"


@given(st.binary(min_size=1, max_size=200))
async def test_any_bytes_give_parts_or_a_refusal(data: bytes) -> None:
    codes = []
    for body in (data, b"--X\r\n" + data):
        try:
            await read(body, 16)
        except CallerError as refusal:
            codes.append(refusal.code)
    assert set(codes) <= {"bad_multipart"}


@pytest.mark.parametrize(
    ("content_type", "code"),
    [
        ("", "wrong_content_type"),
        ("application/json", "wrong_content_type"),
        ("multipart/form-data", "bad_multipart"),
        ("multipart/form-data; boundary=" + "x" * 500, "bad_multipart"),
    ],
)
async def test_a_content_type_that_is_no_multipart_is_refused(content_type: str, code: str) -> None:
    with pytest.raises(CallerError) as refusal:
        await read(b"", content_type=content_type)
    assert refusal.value.code == code


async def test_a_name_in_the_extended_form_is_understood() -> None:
    head = "Content-Disposition: form-data; name=\"file\"; filename*=utf-8''na%C3%AFve.csv"
    assert (await read(body((head, b"x"))))[0][1] == "naïve.csv"


async def test_a_field_is_text_whatever_its_bytes_and_has_a_limit() -> None:
    parts = Parts(TYPE, cut(body((FIELD, b"caf\xe9"), (FIELD, b"x" * 11)), 9))
    await parts.next()
    assert await parts.text(10, "message_too_long") == "caf\ufffd"
    await parts.next()
    with pytest.raises(CallerError) as refusal:
        await parts.text(10, "message_too_long")
    assert refusal.value.code == "message_too_long"
