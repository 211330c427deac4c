from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.feeds.text import clean_text, looks_like_html, plain_line, plain_text

LIMIT = 200_000


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>The bridge is open.</p><p>Trucks pass.</p>", "The bridge is open.\nTrucks pass."),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<ul><li>Homs</li><li>Hama</li></ul>", "Homs\nHama"),
        ("<td>12</td><td>tonnes</td>", "12 tonnes"),
        ("caf&eacute; &amp; th&#233; &#x2014; d&rsquo;Alep", "café & thé — d’Alep"),
        ("<b>Deir</b> <i>ez</i>-Zor", "Deir ez-Zor"),
        ("a line\nthat the <em>source</em>\nwrapped", "a line that the source wrapped"),
        ("<p>a line\nthat the source\nwrapped</p>", "a line that the source wrapped"),
        ("First paragraph,\nwrapped.\n\nSecond paragraph", "First paragraph, wrapped.\nSecond paragraph"),
        ("A whole sentence.\nAnd another one", "A whole sentence.\nAnd another one"),
        ("before<script>alert('<p>x</p>')</script>after", "beforeafter"),
        ("before<style>p { color: red }</style> after", "before after"),
        ('before<script src="x.js"/> after', "before after"),
        ('<iframe src="https://example.org/x"> still here', "still here"),
        ("kept <!-- not <b>this</b> --> kept", "kept kept"),
        ("kept <!-- a comment without end, <b>kept</b>", "kept kept"),
        ("<![CDATA[inner <b>words</b>]]>", "inner words"),
        ("5 < 6 and 7 > 3", "5 < 6 and 7 > 3"),
        ('<a title="1 > 0" href="/x">link</a>', "link"),
        ('<a href="/x>never closed</a> more <b>text</b>', "never closed more text"),
        ("the end is cut <a hre", "the end is cut"),
        ("&lt;p&gt;escaped twice&lt;/p&gt;&lt;p&gt;by mistake&lt;/p&gt;", "escaped twice\nby mistake"),
        ("<p>the tag &lt;p&gt; itself</p>", "the tag <p> itself"),
        ("\u202bحلب\u202c – \u200fخناصر", "حلب – خناصر"),
        ("nul \x00 and bell \x07 and \ud800 gone", "nul and bell and gone"),
        ("Alep\xa0: 3\u202f000 d\xadéplacés", "Alep : 3 000 déplacés"),
        ("de\u0301place\u0301", "déplacé"),
        ("&#xD800;&#99999999999;", "\ufffd\ufffd"),
        ("", ""),
    ],
)
def test_html_becomes_plain_text(markup: str, text: str) -> None:
    assert plain_text(markup, LIMIT) == (text, False)


@pytest.mark.parametrize(
    ("title", "is_html", "line"),
    [
        ("Road &amp; rail", True, "Road & rail"),
        ("Road & rail: 3 < 4", False, "Road & rail: 3 < 4"),
        ("<b>Road</b> closed", False, "Road closed"),
        ("Road\n  closed<br/>again", True, "Road closed again"),
    ],
)
def test_titles_are_one_plain_line(title: str, is_html: bool, line: str) -> None:
    assert plain_line(title, 100, is_html=is_html) == (line, False)


def test_text_that_is_no_html_keeps_its_signs() -> None:
    assert clean_text("a <b and c> d &amp; e", LIMIT) == ("a <b and c> d &amp; e", False)
    assert looks_like_html("a <p>paragraph</p>")
    assert not looks_like_html("a <b and c> d")


def test_long_text_is_cut_and_says_so() -> None:
    words = "mot " * 2_000_000
    for made in (plain_text(f"<p>{words}</p>", LIMIT), plain_text(words, LIMIT), clean_text(words, LIMIT)):
        text, cut = made
        assert cut
        assert len(text) == LIMIT - 1  # the space at the cut is gone
        assert text.startswith("mot mot")


def test_references_do_not_cost_text() -> None:
    letters = "&#1575;" * (LIMIT - 1)
    assert plain_text(letters, LIMIT) == ("ا" * (LIMIT - 1), False)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece",
    [
        "<a ",
        "<a b='",
        "<!--",
        "<script>",
        "<iframe>",
        "</",
        "<",
        "&",
        "&#",
        "<![CDATA[",
        "<p",
        "\u0315\u0300",
        " \n",
        "]]>",
    ],
)
def test_hostile_input_takes_linear_time(piece: str) -> None:
    text, _ = plain_text(piece * (3_000_000 // len(piece)), LIMIT)
    assert len(text) <= LIMIT
    line, _ = plain_line(piece * 100_000, 2_000, is_html=True)
    assert len(line) <= 2_000


@given(st.text(alphabet=st.sampled_from("<>/!-&;#x19'\" apbr[]CDATscript\n\x00é"), max_size=200))
def test_any_text_becomes_printable(markup: str) -> None:
    for text, _ in (plain_text(markup, 100), clean_text(markup, 100), plain_line(markup, 100, is_html=True)):
        assert len(text) <= 100
        assert "\x00" not in text
        assert text == "\n".join(" ".join(line.split()) for line in text.split("\n") if line.strip())
        text.encode()
