"""Any bytes become text, and the note says what had to be guessed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.documents.encoding import decode

GERMAN = "Umsatz;Größe\nMüller & Söhne;1.234,50 €\n"
RUSSIAN = "Товар;Цена\nХлеб и молоко;45,50\nСыр российский;60\n" * 4
JAPANESE = "品目,価格\n商品の売上,100\n" * 6


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_the_charsets_of_spreadsheets_are_recognised(codec: str) -> None:
    plain = GERMAN if codec == "cp1252" else GERMAN + "plain ascii line\n" * 3
    assert decode(plain.encode(codec)).text == plain


@pytest.mark.parametrize(("text", "codec"), [(RUSSIAN, "cp1251"), (JAPANESE, "shift_jis")])
def test_other_scripts_are_recognised_when_there_is_enough_text(text: str, codec: str) -> None:
    decoded = decode(text.encode(codec))
    assert decoded.text == text
    assert decoded.note


def test_a_pound_sign_of_a_western_spreadsheet_is_a_pound_sign() -> None:
    assert decode("Item,Price\nTea,£5.00\n".encode("cp1252")).text == "Item,Price\nTea,£5.00\n"


def test_umlauts_among_many_euro_signs_and_hard_spaces_are_no_cyrillic() -> None:
    row = "2000-01-01|{}|€ 0,00|€ {}\n"
    names = ["North"] * 6 + ["Größe"] * 2
    rows = (row.format(name, "1\u00a0000,00" if at > 3 else "0,00") for at, name in enumerate(names))
    text = "Day|Product|Net amount|Other, amount\n" + "".join(rows)
    assert decode(text.encode("cp1252")).text == text


def test_damaged_utf_8_stays_utf_8() -> None:
    decoded = decode("größe,ä\n".encode() + b"\xff,1\n")
    assert decoded.text == "größe,ä\n\ufffd,1\n"
    assert decoded.charset == "UTF-8"


def test_nul_characters_are_removed_and_mentioned() -> None:
    decoded = decode(b"a,b\n1\x00,2\n")
    assert decoded.text == "a,b\n1,2\n"
    assert "NUL" in decoded.note


def test_noise_is_told_from_text() -> None:
    assert decode(bytes(range(256)) * 20).is_noise
    assert not decode(b"a,b\n\xff,1\n").is_noise


@settings(deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_become_text_that_any_store_can_hold(data: bytes) -> None:
    text = decode(data).text
    assert "\x00" not in text
    text.encode("utf-8")
