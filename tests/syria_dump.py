"""A GeoNames dump of our own: places of northern Syria as newswatch's tests need them, with ids GeoNames has not."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

FIRST_ID = 990_000_001
_ALEPPO, _RAQQA, _IDLIB, _HAMA = "09", "04", "12", "10"

# name | ASCII | other names | latitude | longitude | class.code | admin 1 | people
_PLACES = """
Qalqūm|Qalqum|Kalkoum,قلقوم|36.5121|37.6402|P.PPL|09|310
Tall Zarīfah|Tall Zarifah|Tell Zarifa,تل ظريفة|36.4417|37.7203|P.PPL|09|0
Kafr Mazlūm|Kafr Mazlum|Kafar Mazloum,كفر مظلوم|36.1033|36.9102|P.PPL|12|1240
Umm Sanābil|Umm Sanabil|Oum Sanabel,أم سنابل|35.6208|37.5904|P.PPL|09|85
Rasm Shaykhān|Rasm Shaykhan|Rasm Cheikhane,رسم شيخان|35.7012|37.6011|P.PPL|09|0
Ḩawwāyat Nijm|Hawwayat Nijm|Hawayet Najm,حواية نجم|35.9901|37.8803|P.PPL|09|0
Bayt Ţarrād|Bayt Tarrad|Beit Tarrad,بيت طراد|36.2207|37.0104|P.PPL|09|430
Jubb Mishmish|Jubb Mishmish|Joub Mechmech,جب مشمش|35.8806|37.4509|P.PPL|09|0
Tall Fuwayris|Tall Fuwayris|Tell Fweires,تل فويرس|36.3015|37.1011|P.PPL|09|970
Zawr Nuqayrah|Zawr Nuqayrah|Zor Naqira,زور نقيرة|35.9512|39.0404|P.PPL|04|640
Sabkhat Mirqāb|Sabkhat Mirqab|Mirqab,سبخة مرقاب|35.6602|37.7001|H.LK|09|0
Wādī Ḩuraythah|Wadi Hurayythah|Wadi Hureitha,وادي حريثة|35.5511|37.8012|H.WAD|09|0
Nahr Dabīs|Nahr Dabis|Nahr Debis,نهر دبيس|36.4011|37.3302|H.STM|09|0
Green|Green||36.4099|37.2511|H.STM|09|0
Jabal Ḩannūn|Jabal Hannun|Djebel Hannoun,جبل حنون|35.8408|37.3011|T.MT|09|0
Union|Union||36.2811|37.3005|T.HLL|09|0
Maţār Qalqūm al ‘Askarī|Matar Qalqum al Askari|Qalqum Air Base,مطار قلقوم العسكري|36.5202|37.6604|S.AIRB|09|0
Mu‘askar Tarrād|Muaskar Tarrad|Camp Tarrad,معسكر طراد|36.2302|37.0211|L.MILB|09|0
Sadd Dabīs|Sadd Dabis|Dabis Dam,سد دبيس|36.4102|37.3401|S.DAM|09|0
Ţarīq Qalqūm|Tariq Qalqum|Qalqum Road,طريق قلقوم|36.5011|37.6111|R.RD|09|0
Aleppo Governorate|Aleppo|Aleppo,Alep,Gouvernorat d'Aleppo la Grise,محافظة حلب الرمادية|36.2|37.5|A.ADM1|09|4868000
Central|Central|Al Wustá al Jadīdah|35.2|37.3|A.ADM1|77|900000
Qalqum District|Qalqum District|Qalqūm,Manţiqat Qalqūm|36.51|37.64|A.ADM2|09|21000
March|March||36.1511|36.8812|P.PPL|12|12
Market|Market||36.1602|36.8903|P.PPL|12|0
Minister|Minister||36.1702|36.9003|P.PPL|12|0
Saturday|Saturday||36.1722|36.9103|P.PPL|12|0
Peace|Peace||36.1733|36.9203|P.PPL|12|0
Reading|Reading||36.1744|36.9303|P.PPL|12|0
Al Ḩurrīyah|Al Hurriyah|الحرية|36.1755|36.9403|P.PPL|12|30
As Salām|As Salam|السلام|36.1766|36.9503|P.PPL|12|0
‘Alī|Ali|علي|36.1777|36.9603|P.PPL|12|0
Nūr|Nur|نور|36.1788|36.9703|P.PPL|12|0
Khirbat Zanbaq|Khirbat Zanbaq|Khirbet Zanbak,خربة زنبق|36.0101|37.2204|P.PPL|09|0
Burj Sanqar|Burj Sanqar|Borj Sankar,برج سنقر|36.3402|37.4203|P.PPLQ|09|0
Ḩayy Qamrah|Hayy Qamrah|Hay Qamra,حي قمرة|36.2011|37.1602|P.PPLX|09|0
Old Qinnasrin of the Kings|Old Qinnasrin of the Kings||35.9902|36.9911|P.PPLH|09|0
Funduq Qalqūm|Funduq Qalqum|Qalqum Hotel,فندق قلقوم|36.5102|37.6411|S.HTL|09|0
Aleppo|Aleppo|Halab la Grise,حلب|36.20124|37.16117|P.PPLA|09|2098210
Maskanah Saghīrah|Maskanah Saghirah|Little Maskana,مسكنة صغيرة|35.9702|38.0301|P.PPL|09|3200
"""
ALEPPO_ID = 170_063


def lines() -> list[str]:
    """The 40 lines, without ends."""
    return [_line(number, line) for number, line in enumerate(_PLACES.strip().splitlines())]


def place_id(name: str) -> int:
    """The id of a place by the first of its names."""
    listed = [line.split("|")[0] for line in _PLACES.strip().splitlines()]
    return ALEPPO_ID if name == "Aleppo" else FIRST_ID + listed.index(name)


def _line(number: int, told: str) -> str:
    name, plain, others, lat, lon, feature, admin1, people = told.split("|")
    place = ALEPPO_ID if name == "Aleppo" else FIRST_ID + number
    kind, code = feature.split(".")
    columns = [str(place), name, plain, others, lat, lon, kind, code, "SY", "", admin1, "", "", "", people, "", "300",
               "Asia/Damascus", "2026-01-31"]  # fmt: skip
    return "\t".join(columns)


def write_dump(path: Path, written: Iterable[str] | None = None) -> Path:
    """Write the lines (or these) to a file, into a zip file with a readme where its name says so."""
    text = "".join(f"{line}\n" for line in (lines() if written is None else written))
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("readme.txt", "What the columns are.\n")
            packed.writestr(f"{path.stem}.txt", text)
    else:
        path.write_text(text, encoding="utf-8", newline="\n")
    return path
