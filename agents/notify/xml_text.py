"""Text that XML 1.0 can hold."""

from __future__ import annotations

import re

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """The text without control characters and lone surrogates, which no XML document may hold."""
    return _ILLEGAL.sub("", text)
