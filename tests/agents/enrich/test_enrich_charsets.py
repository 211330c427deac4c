"""Classes of letters worked out once make the same expressions."""

import re

from agents.enrich.charsets import equal_classes_once

PATTERNS = [r"(?iu)[a-zà-ÿßæœ]+|[a-zà-ÿßæœ]'[a-zà-ÿßæœ]", r"[^\W\d_]+", r"[\u0600-\u06ff]{2}", r"(?i)[ſk]x|[ſk]y"]
TEXTS = ["L'État, c'est moi", "ſx KY sy", "حلب 12", "STRASSE Straße œuf"]


def test_the_same_matches() -> None:
    plain = [[re.compile(pattern).findall(text) for text in TEXTS] for pattern in PATTERNS]
    re.purge()
    with equal_classes_once():
        quick = [[re.compile(pattern).findall(text) for text in TEXTS] for pattern in PATTERNS]
    assert quick == plain


def test_nothing_is_left_behind() -> None:
    compiler = getattr(re, "_compiler", None)
    before = getattr(compiler, "_optimize_charset", None)
    with equal_classes_once():
        pass
    assert getattr(compiler, "_optimize_charset", None) is before
