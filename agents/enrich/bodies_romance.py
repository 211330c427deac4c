"""French and Spanish bodies of a people, ministries and universities: `police militaire russe`, `Ejército sirio`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from agents.enrich.prefilter import Cued, Ending

_FR = (
    r"armée(?: de l['’]air| de terre| nationale| régulière| arabe)?|"
    r"forces(?: armées| de sécurité| de défense| gouvernementales| spéciales| aériennes| navales| terrestres|"
    r" loyalistes| régulières| d['’]occupation)?|"
    r"gouvernement|régime|junte|marine(?: nationale)?|aviation(?: militaire)?|"
    r"police(?: militaire| nationale| fédérale| judiciaire)?|milices?|milicien(?:ne)?s|militaires|parlement|opposition|"
    r"autorités|conseillers(?: militaires)?|troupes|coalition|gendarmerie|garde nationale|gardes?-côtes|"
    r"gardes?-frontières?|état-major|services? de renseignements?|services de sécurité|"
    r"renseignements?(?: militaires?)?|présidence|protection civile|défense civile|banque centrale|combattants|soldats|"
    r"paramilitaires|croix-rouge|croissant-rouge"
)
_ES = (
    r"ejército(?: nacional)?|fuerzas(?: armadas| de seguridad| especiales| aéreas| navales| gubernamentales)?|"
    r"fuerza aérea|gobierno|régimen|junta|armada|marina|aviación|policía(?: nacional| militar| federal)?|milicias?|"
    r"milicianos|militares|parlamento|oposición|autoridades|tropas|coalición|guardia nacional|guardia costera|"
    r"guardacostas|estado mayor|inteligencia(?: militar)?|presidencia|defensa civil|soldados|combatientes|"
    r"paramilitares|cruz roja|media luna roja|defensoría(?: del pueblo)?|fiscalía|cancillería"
)
_BODIES = {
    "fr": Cued(rf"\b(?P<body>{_FR}) (?P<people>[^\W\d_]+(?:-[^\W\d_]+)?)\b", re.IGNORECASE),
    "es": Cued(rf"\b(?P<body>{_ES}) (?P<people>[^\W\d_]+)\b", re.IGNORECASE),
}
_MINISTRIES = {
    "fr": Cued(
        r"\b[Mm]inistère (?:(?P<people>[^\W\d_A-Z]+) )?(?:de la |de l['’]|des |du )"
        r"[A-ZÀ-Þ][\w’'-]*(?: et (?:de la |de l['’]|des |du )?[A-ZÀ-Þ][\w’'-]*)?(?P<after> [^\W\d_A-Z]+\b)?"
    ),
    "es": Cued(
        r"\b[Mm]inisterio (?:(?P<people>[^\W\d_A-Z]+) )?(?:de la |de los |de |del )"
        r"[A-ZÀ-Þ]\w*(?: y [A-ZÀ-Þ]\w*| [A-ZÀ-Þ]\w*)?(?: de (?!la |los )[A-ZÀ-Þ]\w+)?(?P<after> [^\W\d_A-Z]+\b)?"
    ),
}
_OF_COUNTRY = Ending(
    r"(?:^|(?<=[^\w-]))(?:gouvernement|armée|forces armées|marine|police|junte|gobierno|ejército|fuerzas armadas|"
    r"policía) "
    r"(?:d['’]|du |de la |de l['’]|de |del )$",
    re.IGNORECASE,
)


def body_of_country(text: str, start: int) -> tuple[int, str] | None:
    """Where the body begins that a country's name right after it makes one of that country (`gouvernement d'Irak`),
    and its bare word; None where there is none. `start` is the country's.
    """
    found = _OF_COUNTRY.search(text[max(0, start - 32) : start])
    if found is None:
        return None
    word = found.group().rstrip()
    of = next(of for of in (" d'", " d’", " du", " de la", " de l'", " de l’", " del", " de") if word.endswith(of))
    return start - len(found.group()), word.removesuffix(of).lower()


_UNIVERSITY = Cued(
    r"\b(?:Université|Universidad|Faculté|Institut|Instituto)(?: (?:[a-zà-ÿ]+ )?(?:d['’]|de |du |des |del )| )"
    r"(?:Al-|al-|El-|el-)?[A-ZÀ-Þ][\w’-]+(?:[ -][A-ZÀ-Þ][\w’-]+)*"
)


_ORGANISATION_ES = Cued(
    r"\b(?:Ejército|Fuerzas?|Fiscalía|Policía|Guardia|Comité|Comisión|Consejo|Organización|Agencia|Movimiento|Frente|"
    r"Partido|Unión|Alianza|Brigadas?|Cártel|Cartel|Tribunal|Corte|Oficina|Federación|Asociación|Banco|Programa|Fondo|"
    r"Coalición|Autoridad|Liga|Observatorio|Resistencia|Defensoría|Congreso|Asamblea|Secretaría|Cruz|Protección|Defensa|Procuraduría|Contraloría|Infantería|Fundación|Misión|"
    r"Cancillería|Servicio|Instituto|Centro(?= de (?:Derechos|Estudios|Investigaci|Monitoreo)))"
    r"(?: (?:de la |de los |de las |del |de |para la |para los |para el |para |y de |y )?[A-ZÀ-Þ][\w-]+)+"
)
"""Spanish has no model here: organisations by their first word."""
_OFFICE_ES = Cued(
    r"\b(?<=[Ll]a )(?:Fiscalía|Procuraduría|Defensoría|Contraloría|Cancillería|Gendarmería|Gobernación)\b"
    r"(?! (?:de |del )?[A-ZÀ-Þ])"
)
"""Offices of a state that are called by one word alone."""
_ORGANISATION_FR = Cued(
    r"\b(?:[Gg]ouvernement d['’](?:unité|union|entente|accord) nationale|"
    r"[Gg]ouvernement de (?:transition|salut national)|"
    r"(?:Conseil|Comité|Armée|Forces|Garde|Défense|Protection|Sécurité|Sûreté|Direction|Coordination|Coalition|"
    r"Observatoire|Croix|Croissant|Mouvement|Front|Parti|Autorité|Commission|Haut Conseil|Haute Autorité|Cour|Service)"
    r"(?: (?:de la |de l['’]|des |du |de |d['’])(?!la |l['’])[^\W\d_]+)?"
    r"(?: (?:suprême|national|nationale|nationales|civil|civile|général|générale|présidentiel|présidentielle|populaire|"
    r"populaires|patriotique|islamique|démocratique|militaire|souverain|constitutionnel|constitutionnelle|central|"
    r"centrale|électorale|rouge|bleue|armées|spéciales|républicaine|antiterroriste|intérieure|territoriale)\b){1,3})"
)
"""Bodies by their first word, which French writes with a capital after an article (`la Défense civile`)."""
_ARTICLES_FR = (" la ", " le ", " les ", " du ", " des ", " au ", " aux ", "La ", "Le ", "Les ")
_LEARNED = ("Universi", "Faculté", "Institut")


def romance_bodies(
    text: str, language: str, people_of: Callable[[str], str | None]
) -> Iterator[tuple[int, int, str | None, str, str]]:
    """Start, end, country, the body's bare word (`armée`; empty for other organisations) and a reason, of each."""
    pattern = _BODIES.get(language)
    if pattern is None:
        return
    at = 0
    while match := pattern.search(text, at):
        code = people_of(match.group("people"))
        at = match.end() if code else match.end("body")
        if code is not None:
            yield match.start(), match.end(), code, match.group("body").lower(), "a body of a people"
    # most texts have none of these words, and looking for a word costs far less than for a pattern
    for match in _MINISTRIES[language].finditer(text) if "inist" in text else ():
        people, after = match.group("people"), match.group("after")
        code = people_of(people) if people else None
        if people and code is None:
            continue
        nation = people_of(after.strip()) if after else None
        end = match.end() if after is None or nation else match.start("after")
        yield match.start(), end, code or nation, "", "a ministry"
    for match in _UNIVERSITY.finditer(text) if any(word in text for word in _LEARNED) else ():
        yield match.start(), match.end(), None, "", "an institution"
    for match in _ORGANISATION_FR.finditer(text) if language == "fr" else ():
        if (
            match.group()[:1] in "gG"
            or text[max(0, match.start() - 1) : match.start()] in ("'", "’")
            or text.endswith(_ARTICLES_FR, max(0, match.start() - 5), match.start())
        ):
            yield match.start(), match.end(), None, "", "an organisation by its first word"
    for match in _OFFICE_ES.finditer(text) if language == "es" else ():
        yield match.start(), match.end(), None, "", "an organisation by its first word"
    for match in _ORGANISATION_ES.finditer(text) if language == "es" else ():
        yield match.start(), match.end(), None, "", "an organisation by its first word"
