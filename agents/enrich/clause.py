"""How far a word reaches in its sentence: where clauses end, and which words only look like a negation or a plan."""

from __future__ import annotations

import re

STOP = re.compile(r"[.!?؟…](?=[\s\"”»)]|$)|\n|[;؛]")
"""Where a sentence ends, or a part of one that stands for itself."""
_COMMA = re.compile(r"[,،]\s*(\S+)")
_LISTED = re.compile(r"^(?:[A-ZÀ-Þ«“\"].*|or|nor|and|ni|ou|et|à|in|at|d['’]\S+|de|to|[وأ].*|الى|إلى|في|ب\S+|ل\S+)$")
"""What may stand after a comma that only parts the members of a list."""

_TURN = {
    "en": re.compile(
        r"\b(?:but|however|after|because|where|which|who|whose|when|while|since|until|although|though|despite|amid|"
        r"following|than|as well as)\b"
    ),
    "fr": re.compile(
        r"\b(?:mais|cependant|après|parce|où|qui|dont|lorsque|quand|alors|tandis|depuis|malgré|car|pourtant|avant que|"
        r"suite à|sauf)\b"
    ),
    "ar": re.compile(r"(?:لكن|ولكن|بعد|التي|الذي|الذين|حيث|بينما|فيما|رغم|بسبب|منذ|إلا|وإنما|بل)\b"),
}
"""Words that begin another clause: what stands before them says nothing of what follows."""
_SAID = {
    "en": re.compile(r"\b(?:said|says|say|told|announced|warned|believes?|claim\w*|added|that)\b"),
    "fr": re.compile(r"\b(?:dit|déclaré|annoncé|affirm\w+|indiqué|précisé|estime\w*|averti|ajouté|que|qu)\b"),
    "ar": re.compile(r"(?:قال|قالت|أعلن|أعلنت|أكد|أكدت|أن|إن)\b"),
}
_BREAK = re.compile(r"[,،:()«»“”\"–—]|\s-\s")

_ONLY_LOOKS = {
    "en": re.compile(
        r"not only|not far|not just|not least|not yet (?:said|clear)|not immediately|not (?:clear|known|said|say|named|"
        r"identified|been identified|commented?|comment|confirmed|confirm|respond|verified|disclose|give|specify)|"
        r"n['’]t (?:say|comment|respond|clear|known|immediately)|never (?:before|seen)|"
        r"no (?:one|casualt\w+|injur\w+|deaths?|fatalit\w+|claim|group|comment|immediate|doubt|less|fewer|more than|"
        r"sooner|matter|details|further|survivors)|without (?:giving|a doubt|warning|precedent|saying|specifying|"
        r"water|power|electricity|food|shelter|trial|injury|casualties|incident)|nor did|"
        r"could (?:be (?:heard|seen)|hear|see|smell|feel)|would(?:-be)|may \d|might of|as if|even if|"
        r"scheduled flights|possible only|if only|will of|goodwill"
    ),
    "fr": re.compile(
        r"n['’]\w+ pas (?:été (?:revendiqu|précis|confirm|communiqu|identifi)\w*|précisé|commenté|souhaité|dit|indiqué|"
        r"tardé|répondu|caché|donné)|ne (?:précise|cesse\w*|compte\w*|reste\w*|fait aucun)|n['’]est pas exclu\w*|"
        r"n['’]exclut pas|n['’]a cessé|"
        r"aucune? (?:bless\w+|victimes?|morts?|revendication|bilan|détail\w*|doute|perte\w*|group\w+|information|"
        r"commentaire|responsabilité)|"
        r"sans (?:précédent|doute|abri\w*|faire|papiers|donner|préciser|compter|gravité|électricité|eau|nouvelles|"
        r"relâche|cesse|surprise|incident)|"
        r"pas (?:de quoi|d['’]autre)|jamais (?:vu|atteint)|non loin|si (?:bien|peu|loin)|"
        r"va (?:bien|mal)|doit (?:son|sa|ses|beaucoup)|vont bien|va-et-vient"
    ),
    "ar": re.compile(
        r"لا (?:يزال|تزال|يزالون|زال|زالت|سيما|بد|شك|سيّما|يقل|تقل)|"
        r"لم (?:يصب|تصب|تعلن|يعلن|يعلق|تعلق|يتضح|تتضح|ترد|يرد|تسفر|يسفر|تتبن|يتبن|تحدد|يحدد|يكشف|تكشف|يذكر|تذكر|"
        r"تتوفر|يسجل|تسجل)|"
        r"(?:ب?دون|عدم) (?:تسجيل|وقوع|أن|ذكر|وجود|إصابات|خسائر|تحديد|توضيح|انقطاع|توقف|الاستقرار)"
    ),
}
"""Phrases that begin with a cue and say no such thing; looked for from the cue's word on."""

_DENIALS = frozenset(("نفى", "نفت", "ينفي", "تنفي", "نفوا"))
_IS_TO = re.compile(r"(?:is|are) to (?!blame|date|say|the|a|be (?:found|seen|heard))\w+")
_NE_PAS = re.compile(
    r"^(?:ne |n['’])\S+(?:\s\S+)?\s(?:pas|plus|jamais|aucune?|rien|guère|ni|personne)\b", re.IGNORECASE
)
_SI = re.compile(r"^si (?:le|la|les|l['’]\w+|un|une|des|elles?|on|ce|ces|cette|leurs?|son|sa|[A-ZÀ-Þ]\S*)\b")
_INFINITIVE = re.compile(
    r"^\w+(?:\s(?:être|se|bientôt|également|aussi|ensuite|y|en|les?|la|s['’]\w+|d['’]abord))*\s?(?:s['’])?"
    r"\w+(?:er|ir|re|oir)\b"
)
_ARABIC_FUTURE = re.compile(
    "^(?:سي(?!ار|اس|د\\b|دة|دات|دي|طر|ر\\b|ف|ل\\b|ول|ناء|نم|ء|ادة|اق|اح|ا\\b|رة|رغ|دا|دو)|"
    "ست(?!ة|ين|ون|ار|اد|وكه|راتي|مئة|مائة|يف)|سن(?!ة|وا|وي|دات|جار|ود|د\\b)|سأ(?!ل|لت))\\w{3,}"
)
_FUTURE_WORD = re.compile(r"^[a-zà-ÿ]+(?:era|ira|dra|ura|rra|ront)$")
_NO_FUTURE = frozenset((
    "sahara", "opéra", "caméra", "sierra", "terra", "ira", "hydra", "aura-t-on", "cobra", "mantra", "choléra", "extra",
    "front", "affront", "tiendra-t-on", "ultra", "datura", "tempura", "guerra", "torah",
))  # fmt: skip
FUTURE = {"fr": ("era", "ira", "dra", "ura", "rra", "ront")}
"""Endings of the future tense."""

SCORE = re.compile(r"(?<![\d-])\d{1,2}\s?[-–:]\s?\d{1,2}(?![\d-])|\b(?:but|buts|goals?)\b|(?:هدفين|أهداف|بهدف)")
IN_THE_YEAR = re.compile(
    r"(?:\b(?:in|of|en|l['’]an(?:née)?|année|année de|the year|around|circa|vers|jusqu['’]en|dès|by|back in|été|hiver|"
    r"printemps|automne|summer|winter|spring|autumn|late|early|mid|fin|début|"
    r"janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|"
    r"january|february|march|april|may|june|july|august|september|october|november|december|de|entre)|"
    r"(?:^|(?<=\s))[وفبل]?(?:في|عام|العام|سنة|السنة|عامي|يناير|فبراير|مارس|أبريل|نيسان|مايو|أيار|يونيو|حزيران|يوليو|تموز|"
    r"أغسطس|آب|سبتمبر|أيلول|أكتوبر|تشرين|نوفمبر|ديسمبر|كانون|الأول|الثاني|شباط|آذار)|[(])[-,\s]*$",
    re.IGNORECASE,
)
"""What stands before a number that is a year."""
SINCE = re.compile(r"(?:since|depuis|منذ)\s*$", re.IGNORECASE)
"""What began then goes on."""


def sentence_of(text: str, start: int, end: int, before: int, after: int) -> tuple[int, int]:
    """Where the sentence of a span begins and ends, no further than `before` and `after` characters from it."""
    lowest = max(0, start - before)
    for stop in STOP.finditer(text, lowest, start):
        lowest = stop.end()
    last = STOP.search(text, end, min(len(text), end + after))
    return lowest, last.start() if last else min(len(text), end + after)


def may_be_glued(language: str, word: str) -> bool:
    """Whether a cue may end a word, or stand right after a letter, and still be the cue."""
    return language == "ar" or word in FUTURE.get(language, ()) or word in ("n't", "n’t")


def goes_on(word: str) -> bool:
    """Whether a cue may be the beginning of a word."""
    return word[-1] in "-'’"


def is_cue(language: str, word: str, says: str, text: str, lower: str, begin: int, stop: int) -> bool:
    """Whether what an automaton found is the word itself, and says what it seems to."""
    if begin and lower[begin - 1].isalnum():
        if not may_be_glued(language, word):
            return False
        if word in FUTURE.get(language, ()):
            return _is_future(text, lower, begin, stop)
        if language == "ar" and not _conjoined(lower, begin):
            return False
    if stop < len(lower) and lower[stop].isalnum() and not goes_on(word):
        return False
    if says in ("eponym", "body", "sport", "historical"):
        return True
    return not _ONLY_LOOKS[language].match(lower, begin) and _is_meant(language, word, text, begin)


def _is_meant(language: str, word: str, text: str, begin: int) -> bool:
    """Whether a word of several uses is used as a cue: `si` that is no `so`, `May` that is no month."""
    if language == "fr":
        if word in ("ne", "n'", "n’"):
            return _NE_PAS.match(text[begin : begin + 48]) is not None
        if word == "si":
            return _SI.match(text[begin : begin + 24].replace("Si ", "si ", 1)) is not None
        if word in ("va", "vont", "doit", "doivent"):
            return _INFINITIVE.match(text[begin : begin + 48]) is not None
    elif language == "en" and word in ("may", "will"):
        return text[begin : begin + 1] == word[:1]
    elif language == "en" and word in ("is to", "are to"):
        return _IS_TO.match(text, begin) is not None
    elif language == "ar" and word in ("سي-", "ست-", "سن-", "سأ-"):
        return _ARABIC_FUTURE.match(text[begin : begin + 16]) is not None
    return True


def _is_future(text: str, lower: str, begin: int, stop: int) -> bool:
    if stop < len(lower) and lower[stop].isalnum():
        return False
    first = begin
    while first and lower[first - 1].isalpha():
        first -= 1
    found = lower[first:stop]
    return found not in _NO_FUTURE and text[first:stop] == found and _FUTURE_WORD.match(found) is not None


def _conjoined(lower: str, begin: int) -> bool:
    """Whether the letter glued before an Arabic word is `and` or `so`."""
    return lower[begin - 1] in "وف" and not (begin > 1 and lower[begin - 2].isalnum())


def blocks(language: str, gap: str) -> bool:
    """Whether the words between a cue and a mention after it begin another clause."""
    turn = _TURN.get(language)
    if turn is not None and turn.search(gap):
        return True
    return any(not _LISTED.match(found.group(1)) for found in _COMMA.finditer(gap)) or _trailing(gap)


def denies(word: str, gap: str) -> bool:
    """Whether who is named right after an Arabic verb of denial is the one who denies."""
    return word in _DENIALS and gap == " "


def _trailing(gap: str) -> bool:
    return ":" in gap or ("(" in gap and ")" in gap)


def holds_after(gap: str, says: str) -> bool:
    """Whether a cue that stands after a mention speaks of it: near, with no comma between."""
    return (len(gap) <= 16 if says == "negated" else True) and _BREAK.search(gap) is None


def speaks_between(language: str, gap: str) -> bool:
    """Whether somebody says what the cue is about (`Turkey said it will ...`)."""
    said = _SAID.get(language)
    return said is not None and said.search(gap) is not None
