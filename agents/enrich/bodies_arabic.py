"""Bodies that Arabic texts describe: of a people (`القوات الإثيوبية`), and ministries (`وزارة الصحة`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from agents.enrich.prefilter import Cued

_BODIES = (
    "وزارة|رئاسة|حكومة|مجلس|برلمان|قوات|جيش|شرطة|هيئة|وكالة|جهاز|سلاح|خفر|حرس|أجهزة|سلطات|قيادة|الجيش|القوات|الشرطة|"
    "السلطات|الحكومة|الرئاسة|البرلمان|المخابرات|الاستخبارات|الدفاعات|البحرية|الطيران|المعارضة|المقاومة|الأجهزة|"
    "الميليشيات|المليشيات|الفصائل|الخارجية|الداخلية|المدفعية|الطائرات|المقاتلات"
)
_BODY = Cued(rf"(?<!\w)[وفبلك]?(?P<head>{_BODIES})(?P<words>(?: ال[^\W\d_]+){{1,4}})")
_WORD = re.compile(r"[^\W\d_]+")
_FEMININE = re.compile(r"[^\W\d_]+(?:ة|ات)\b")
_MINISTRY = Cued(r"(?<!\w)[وفبلك]?(?P<body>وزارة ال[^\W\d_]+(?: وال[^\W\d_]+)?)(?!\w)")


def arabic_bodies(
    text: str, language: str, people_of: Callable[[str], str | None]
) -> Iterator[tuple[int, int, str | None, str]]:
    """Start, end, country and reason of every body in Arabic; the country is None where the text does not say it."""
    if language != "ar":
        return
    for match in _BODY.finditer(text):
        feminine = _FEMININE.match(match.group("head"))
        for word in _WORD.finditer(text, match.start("words"), match.end("words")):
            people = word.group()
            # `وزير الخارجية التركي`: the people is the minister's
            code = people_of(people) if people.endswith("ية" if feminine else ("ي", "ية")) else None
            if code is not None:
                yield match.start("head"), word.end(), code, "a body of a people"
                break
    for match in _MINISTRY.finditer(text):
        yield match.start("body"), match.end("body"), None, "a ministry"
