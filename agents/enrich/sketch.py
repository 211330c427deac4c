"""The words of an article: their fingerprint, their shingles, and a sketch that is small enough to travel with it.

Broder, A. (1997), "On the resemblance and containment of documents": shingles of three words, and the share of equal
minima under random permutations as an estimate of their Jaccard index.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from binascii import Error as BinasciiError
from itertools import islice
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from agents.names.alphabets import ARABIC, CYRILLIC
from agents.names.key import fold, fold_lately

SHINGLE = 3
"""Words a shingle."""
MOST_WORDS = 800
"""Words of an article that are looked at: a bound on time, and on what the archive keeps."""
FEWEST_WORDS = 20
"""Shorter articles have no sketch: two headlines of one pattern are alike and tell of different things."""
PERMUTATIONS = 128
SKETCH_BYTES = 2 * PERMUTATIONS

_SEED = 20_260_301
_TAG = f"r{RMinHash.ALGORITHM_VERSION}:"
"""Sketches made by another version of the algorithm say nothing to those of this one."""
_CHARACTERS = MOST_WORDS * 16
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts without a space between words: each character counts as a word."""
_MOST_REMEMBERED = 200_000
_FIRST, _SECOND, _THIRD, _LAST = (
    np.uint64(odd) for odd in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93)
)

Shingles = NDArray[np.uint32]
"""The hashes of an article's shingles, sorted, each once."""


class _WordHashes(dict[str, bytes]):
    """32 bits of each word as eight bytes, equal in every process; news repeats its words, so most are looked up."""

    def __missing__(self, word: str) -> bytes:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self[word] = value = crc32(word.encode("utf-8", "surrogatepass")).to_bytes(8, "little")
        return value


_HASHES = _WordHashes()


def words_of(title: str, text: str) -> list[str]:
    """The first words of title and text, folded and in small letters."""
    given = f"{title[:_CHARACTERS]}\n{text[:_CHARACTERS]}"
    folded = fold(given).text.lower()
    if not given.isascii() and _UNSPACED.search(folded):
        folded = _UNSPACED.sub(r" \g<0> ", folded)
    return list(islice(folded.split(), MOST_WORDS))


def shingles_of(title: str, text: str) -> Shingles:
    """The hashed three-word shingles of an article; none where it is too short to be compared."""
    words = words_of(title, text)
    return np.unique(_hashed(words)) if len(words) >= FEWEST_WORDS else np.empty(0, dtype=np.uint32)


def sketch_of(title: str, text: str) -> str:
    """The sketch of an article as text; empty where it is too short to be compared.

    128 minima, the low 16 bits of each: two sketches share the estimated Jaccard index of their articles' shingles,
    with a standard error of .04 about .3.
    """
    return _sketched(words_of(title, text))


def fingerprint(title: str, text: str) -> str:
    """Equal for articles whose words are equal, whatever their case, accents and punctuation."""
    return _fingerprint(_all_words(title, text))


def fingerprint_and_sketch(title: str, text: str) -> tuple[str, str]:
    """What `fingerprint` and `sketch_of` give, of words that are told apart once."""
    words = _all_words(title, text)
    if len(title) > _CHARACTERS or len(text) > _CHARACTERS or _unspaced(fold_lately(text).text):
        return _fingerprint(words), sketch_of(title, text)
    if _unspaced(fold_lately(title).text):
        return _fingerprint(words), sketch_of(title, text)
    return _fingerprint(words), _sketched(words[:MOST_WORDS])


def _all_words(title: str, text: str) -> list[str]:
    return f"{fold_lately(title).text} {fold_lately(text).text}".lower().split()


def _fingerprint(words: list[str]) -> str:
    return hashlib.sha256(" ".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _unspaced(folded: str) -> bool:
    """Whether a folded text has letters of a script without spaces; most texts are of alphabets that have none."""
    if folded.isascii() or ARABIC.covers(folded) or CYRILLIC.covers(folded):
        return False
    return _UNSPACED.search(folded) is not None


def _sketched(words: list[str]) -> str:
    if len(words) < FEWEST_WORDS:
        return ""
    hashed = _hashed(words).astype(np.uint64)
    minima = RMinHash.digest_matrix_from_flat_token_hashes(hashed, [0, len(hashed)], PERMUTATIONS, _SEED).to_rows()[0]
    return _TAG + b64encode(np.array(minima, dtype=np.uint32).astype("<u2").tobytes()).decode()


def sketch_bytes(sketch: str) -> bytes:
    """The `SKETCH_BYTES` of a sketch; none where it is empty, broken, or of another version."""
    if not sketch.startswith(_TAG):
        return b""
    try:
        raw = b64decode(sketch[len(_TAG) :], validate=True)
    except (BinasciiError, ValueError):
        return b""
    return raw if len(raw) == SKETCH_BYTES else b""


def _hashed(words: list[str]) -> Shingles:
    hashes = np.frombuffer(b"".join(map(_HASHES.__getitem__, words)), dtype="<u8")
    mixed = hashes[:-2] * _FIRST ^ (hashes[1:-1] * _SECOND >> np.uint64(7))
    mixed += hashes[2:] * _THIRD
    mixed ^= mixed >> np.uint64(29)
    mixed *= _LAST
    return (mixed >> np.uint64(32)).astype(np.uint32)
