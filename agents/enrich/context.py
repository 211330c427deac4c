"""What stands around a name: prepositions, feature words, first names, regions after a comma, streets."""

from __future__ import annotations

import re
from typing import Literal

from agents.enrich.prefilter import Cued, Ending

_LOCATIVE = Ending(
    r"(?:\b(?:in|at|near|from|to|of|around|outside|inside|toward|towards|through|via|between|across|into|north|"
    r"south|east|west|"
    r"northeast|northwest|southeast|southwest|city of|town of|village of|"
    r"à|a|en|au|aux|vers|depuis|jusqu['’]à|près d[e'’]|dans|de|d['’]|du|entre|sur|hors d[e'’]|"
    r"hasta|desde|hacia|cerca de|entre|del|"
    r"nach|bei|aus|von|im|um|zwischen|nahe|"
    r"в|из|под|на|у|от|до|около|возле|районе|городе)\s*"
    r"(?:the |la |le |les |l['’]|el |al-)?"
    r"|(?:مدينة|بلدة|قرية|ناحية|منطقة|محافظة|ريف|في|من|إلى|الى|نحو|باتجاه|قرب|بين|شمال|جنوب|شرق|غرب|مطار|مخيم|"
    r"حي|معبر|طريق|شمالي|جنوبي|شرقي|غربي)\s+)$",
    re.IGNORECASE,
)
_PERSON_TITLE = Ending(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Gen|Col|Lt|Sgt|Capt|Maj|Rev|Sr|Sra|Sens|Reps)\b\.? |"
    r"\b(?:Judge|Sheriff|Officer|Coach|MM|Mme|Mlle|Sir|Lord|Don|Herr|Frau|Me|Mgr|President|Senator|Governor|Mayor|General|Colonel|Captain|Major|Sergeant|"
    r"Minister|"
    r"Secretary|Detective|Chief|Lieutenant|Professor|Father|Bishop|Prince|Princess|King|Queen|Saint) |\bM\. |"
    r"\b(?:coach|judge|sheriff|officer|attorney|spokesman|spokeswoman|président|présidente|ministre|général|colonel|commandant|"
    r"capitaine|maréchal|maître|docteur|cheikh|émir|alias) )$"
)
_CAPITAL_BEFORE = re.compile(r"([A-ZÀ-Þ][a-zà-ÿ'’-]+) $")
_CAPITAL_AFTER = re.compile(r"^ [A-ZÀ-Þ][a-zà-ÿ]+")
_REGION_AFTER = re.compile(
    r"^, (?:[A-Z][a-z]+\.|[A-Z]\.\s?[A-Z]\.|[A-Z]\.\s?[A-Z][a-z]\.|[A-Z]{2}\b(?!\w)|"
    r"[A-Z][a-z]+(?: [A-Z][a-z]+)? ?(?:,|\.|\n|$| \())"
)
_DIRECTION = Ending(
    r"\b((?:North|South|East|West|Northern|Southern|Eastern|Western|Central|Upper|Lower|Northeast|Northwest|"
    r"Southeast|"
    r"Southwest|Downtown|Mid|Greater|Haute|Haut|Basse|Bas)[ -])$"
)
_FACILITY = (
    "Lake|River|Mount|Mountain|Mountains|Creek|Bay|Valley|Island|Islands|Beach|Park|Airport|"
    "International Airport|Bridge|Dam|"
    "Street|St\\.|Road|Rd\\.|Avenue|Ave\\.|Drive|Boulevard|Lane|Highway|Parkway|Square|Stadium|Hospital|Castle|"
    "Cathedral|"
    "Church|Mall|Plaza|Station|Harbor|Harbour|Canyon|Forest|Springs|Falls|Ridge|Hills|Heights|Ranch|Township|Parish|"
    "County|District|Province|Governorate|Air Base|Airbase|Military Airfield|Airfield|Camp|Fort|Gate|Basin|Peninsula|"
    "University|College|School|Center|Centre|Museum|Theater|Theatre|Court|Courthouse|Hall|Library|Field|"
    "Boulevard|Terminal|"
    "Lac|Mont|Aéroport|Barrage|Pont|Place|Rue"
)
_FACILITY_AFTER = re.compile(rf"^(?:[ -](?:[A-Z][\w'’.-]*|\d+)){{0,3}} (?:{_FACILITY})$")
_FACILITY_BEFORE = re.compile(rf"^(?:{_FACILITY})(?: of)? (?:[A-Z][\w'’.-]* )*$")
_FACILITY_END = re.compile(rf"(?: (?:{_FACILITY})|^(?:Lake|Mount|Camp|Fort|Lac|Mont) .*)$")
_STREET = Cued(
    r"\b(?:(?:[NSEW]\. |North |South |East |West )?(?:[A-Z][a-z'’]+|\d{1,3}(?:st|nd|rd|th)) (?:[A-Z][a-z'’]+ )?"
    r"(?:Street|St\.(?! [A-Z])|Avenue|Ave\.|Road|Rd\.|Drive|Dr\.(?! [A-Z])|Boulevard|Blvd\.|Lane|Parkway|"
    r"Highway|Turnpike)"
    r"|(?:U\.S\. |State |County )?(?:Highway|Interstate|Route|County Road|State Road|Farm Road) \d+)(?!\w)",
    holding=r"Street|St\.|Avenue|Ave\.|Road|Rd\.|Drive|Dr\.|Boulevard|Blvd\.|Lane|Parkway|Highway|Turnpike|"
    r"Interstate|Route",
    begins=r"\b[A-Z\d]",
)
_ELISION = re.compile(r"^(?:(?:[LlDd]|[Jj]usqu|[Qq]u|[Ss])['’]\s*|(?:the|The|THE|la|le|les|La|Le|Les|el|los)\s+)")
_EDGE = " \t\n\r.,;:!?\"'’“”«»()[]–—-…*"


def locative_before(text: str, start: int) -> bool:
    """Whether a preposition or a word for a kind of place stands right before."""
    return _LOCATIVE.ends(text[max(0, start - 24) : start])


_DATELINE = re.compile(r"^(?:, [A-ZÀ-Þ][\w.]+)?(?: \([^)\n]{2,24}\))? ?[-–—] ")
"""What stands after the town that an agency's report begins with (`BANGUI (AP) - `)."""
_TURKISH_CASE = re.compile(r"^['’](?:[dt][ae](?:n|ki)?|y?[aeıiuü]|n?[ıiuü]n|y?l[ae])\b")


def is_sited(text: str, start: int, end: int) -> bool:
    """Whether a preposition stands right before, a region right after, or a Turkish case ending (`Ordu'da`); or it is
    the dateline's town.
    """
    return (
        locative_before(text, start)
        or region_after(text, end)
        or (start == 0 and _DATELINE.match(text[end : end + 40]) is not None)
        or (text.startswith(("'", "’"), end) and _TURKISH_CASE.match(text[end : end + 6]) is not None)
    )


def after_title(text: str, start: int) -> bool:
    """Whether `Mr.`, `Mme`, `coach`, ... stands right before."""
    return _PERSON_TITLE.ends(text[max(0, start - 24) : start])


def inside_person_name(text: str, start: int, end: int) -> bool:
    """Whether a title or a first name stands right before, or a capitalised word right after a one-word name."""
    before = text[max(0, start - 24) : start]
    if _PERSON_TITLE.ends(before):
        return True
    capital = _CAPITAL_BEFORE.search(before)
    if capital and not locative_before(text, start) and not _DIRECTION.ends(before):
        begins = text[: max(0, start - len(capital.group()))].rstrip(" ")
        return bool(begins) and begins[-1] not in '.!?:\n“"«'
    return _CAPITAL_AFTER.match(text[end : end + 24]) is not None


def region_after(text: str, end: int) -> bool:
    """Whether `, Ga.`, `, KY` or `, Iraq` stands right after."""
    return text.startswith(", ", end) and _REGION_AFTER.match(text[end : end + 24]) is not None


def directional(before: str) -> int | None:
    """The length of a capitalised direction that ends `before` (`East Mosul`), or None."""
    found = _DIRECTION.search(before)
    return len(found.group(1)) if found else None


def facility_word(before: str, after: str) -> Literal["before", "after", "both"] | None:
    """Where the rest of a model's span makes it another place (`Lake Lanier`, `Wichita Street`), or None."""
    front = bool(before) and _FACILITY_BEFORE.match(before) is not None
    back = bool(after) and _FACILITY_AFTER.match(after) is not None
    if front and back:
        return "both"
    return "before" if front else "after" if back else None


def ends_with_facility(surface: str) -> bool:
    """Whether a name ends or begins with a word for a kind of place (`Burger's Lake`)."""
    return " " in surface and _FACILITY_END.search(surface) is not None


def street_spans(text: str) -> list[tuple[int, int]]:
    """Streets and numbered roads in English."""
    return [found.span() for found in _STREET.finditer(text)]


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A model's span without articles, elisions and punctuation at its ends."""
    while start < end and text[start] in _EDGE:
        start += 1
    found = _ELISION.match(text[start:end])
    if found:
        start += found.end()
    if end - start > 2 and text[end - 2 : end] in ("'s", "’s"):
        end -= 2
    while end > start and text[end - 1] in _EDGE and not (text[end - 1] == "." and text[start:end].count(".") > 1):
        end -= 1
    return start, end
