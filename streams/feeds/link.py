"""Addresses of articles: one form for all that differ only in how a reader came to them."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from streams.feeds.guard import MAX_URL_CHARACTERS, WEB_SCHEMES

_TRACKING = re.compile(
    r"(?:utm_\w*|at_\w+|pk_\w+|mtm_\w+|hsa_\w+|ns_(?:mchannel|source|campaign|linkname|fee)|fbclid|gclid|gclsrc|dclid|"
    r"gbraid|wbraid|msclkid|yclid|ysclid|twclid|ttclid|igshid|igsh|mc_cid|mc_eid|_hsenc|_hsmi|mkt_tok|vero_id|oly_enc_id|"
    r"oly_anon_id|_ga|_gl|xtor|xtref|cmpid|cmp|wt_mc|wt\.mc_id|s_cid|ito|ftag|smid|partner|ref_src|rss|feedtype|feedname)",
    re.IGNORECASE,
)
_NO_SCHEME = re.compile(r"[\w.-]+(:\d+)?([/?]|$)")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f]")


def web_address(link: str | None, base: str) -> str | None:
    """`link` as an absolute http(s) address that can be shown and followed, or None where it is none."""
    if not link:
        return None
    link = link.strip()
    try:
        absolute = urljoin(base, link)
        parts = urlsplit(absolute)
    except ValueError:
        return None
    if parts.scheme.lower() not in WEB_SCHEMES or not parts.netloc or len(absolute) > MAX_URL_CHARACTERS:
        return None
    return _UNPRINTABLE.sub(lambda found: f"%{ord(found.group()):02X}", absolute.encode("utf-8", "replace").decode())


def as_typed(address: str) -> str:
    """What a person means by an address: `feed:` before it says nothing, and where no scheme is given it is https."""
    address = address.strip()
    if address.lower().startswith("feed:"):
        address = address[len("feed:") :].removeprefix("//")
    return f"https://{address}" if _NO_SCHEME.match(address) else address


def canonical_link(link: str) -> str:
    """The address without what does not tell articles apart.

    That is: http or https, `www.`, the default port, tracking parameters, a slash at the end and the fragment
    (unless the fragment is the page's own route, as in `#!/a` or `#/a`).
    """
    try:
        parts = urlsplit(link.strip())
        host = _host(parts.hostname, parts.port)
    except ValueError:
        return link.strip()
    query = "&".join(
        pair for pair in parts.query.split("&") if pair and not _TRACKING.fullmatch(pair.partition("=")[0])
    )
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    scheme = "" if parts.scheme.lower() in WEB_SCHEMES else parts.scheme.lower() + ":"
    return (
        f"{scheme}//{host}{parts.path.rstrip('/')}"
        + (f"?{query}" if query else "")
        + (f"#{fragment}" if fragment else "")
    )


def is_front_page(link: str) -> bool:
    """True for an address without path or query: a site's front page, which many articles may share."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return not parts.path.strip("/") and not parts.query and not parts.fragment


def outlet(link: str | None) -> str:
    """The publishing host of an address without `www.`; empty where there is none."""
    if not link:
        return ""
    try:
        host = urlsplit(link).hostname or ""
    except ValueError:
        return ""
    return _bare(host)


def _host(host: str | None, port: int | None) -> str:
    return _bare(host or "") + (f":{port}" if port not in (None, 80, 443) else "")


def _bare(host: str) -> str:
    return host.lower().rstrip(".").removeprefix("www.")
