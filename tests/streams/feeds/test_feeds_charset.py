from __future__ import annotations

import pytest

from streams.feeds.charset import decode_document

FRENCH = "Le pont de Rmeilan a été coupé près de la forêt ; « rien ne passe », dit un délégué à l'œuvre. " * 3
ARABIC = "أغلق الطريق بين المدينتين بعد العاصفة الرملية وتوقفت الشاحنات عند الحاجز القديم منذ الفجر. " * 3
RUSSIAN = "Дорога между городами закрыта после песчаной бури, грузовики стоят у старого поста с рассвета. " * 3


def document(text: str, declared: str | None = None) -> str:
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    return f"{head}<rss><channel><item><title>{text}</title></item></channel></rss>"


@pytest.mark.parametrize("header", ["", "application/xml; charset=iso-8859-1", 'text/xml; charset="windows-1256"'])
@pytest.mark.parametrize("text", [FRENCH, ARABIC, RUSSIAN])
def test_utf8_is_utf8_whatever_is_declared(text: str, header: str) -> None:
    whole = document(text, "iso-8859-1")
    assert decode_document(whole.encode(), header) == whole


@pytest.mark.parametrize(
    ("text", "encoding", "declared", "header"),
    [
        (ARABIC, "windows-1256", "windows-1256", ""),
        (ARABIC, "windows-1256", "windows-1256", "text/xml; charset=utf-8"),
        (ARABIC, "windows-1256", "windows-1256", "text/xml; charset=ISO-8859-1"),
        (ARABIC, "windows-1256", "utf-8", "application/xml"),
        (ARABIC, "windows-1256", None, "text/html"),
        (ARABIC, "iso-8859-6", "iso-8859-6", "text/xml"),
        (RUSSIAN, "windows-1251", "windows-1251", "text/xml"),
        (RUSSIAN, "koi8-r", "koi8-r", "text/xml"),
        (RUSSIAN, "windows-1251", "utf-8", "application/xml"),
        (FRENCH, "windows-1252", "iso-8859-1", "text/xml"),
        (FRENCH, "windows-1252", "utf-8", "application/xml"),
        (FRENCH, "windows-1252", None, ""),
        (FRENCH, "iso8859-15", "iso-8859-15", "text/xml"),
        (ARABIC, "utf-16", "utf-16", "text/xml; charset=utf-8"),
        (FRENCH, "utf-16-be", "utf-16", ""),
        (FRENCH, "utf-32", "utf-32", ""),
        (ARABIC, "utf-8-sig", "windows-1256", "text/xml; charset=windows-1256"),
    ],
)
def test_legacy_encodings(text: str, encoding: str, declared: str | None, header: str) -> None:
    if encoding == "iso8859-15":
        text = text.replace("«", "").replace("»", "")
    if encoding == "iso-8859-6":
        text = text.replace(".", "")
    whole = document(text, declared)
    assert decode_document(whole.encode(encoding), header) == whole


def test_a_few_broken_bytes_cost_only_themselves() -> None:
    whole = document(ARABIC, "utf-8").encode()
    broken = whole[:90] + b"\xff\xfe" + whole[90:] + b"\xc3"
    decoded = decode_document(broken, "application/rss+xml; charset=utf-8")
    assert decoded is not None
    assert 1 <= decoded.count("\ufffd") <= 6
    assert ARABIC.split(".")[1] in decoded


def test_unknown_names_do_not_matter() -> None:
    whole = document(FRENCH, "x-nobody-knows")
    assert decode_document(whole.encode(), "text/xml; charset=none") == whole
    assert decode_document(document("abc", "base64").encode(), "") == document("abc", "base64")
