"""Signatures of webhooks by the Standard Webhooks scheme (standardwebhooks.com, its specification 1.0).

What is signed is `id.timestamp.body`; `v1` is HMAC-SHA256, `v1a` is ed25519. The header holds one for each secret, so
that a receiver that knows the old secret or the new one takes the message.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SYMMETRIC = "whsec_"
PRIVATE = "whsk_"
_SHORTEST, _LONGEST = 24, 64
"""Bytes of a symmetric secret, as the specification bounds them."""
_SEED = 32

Signer = Callable[[bytes], str]
"""From what is signed to one signature with its version, such as `v1,…`."""


class NoSecret(ValueError):
    """A text is no secret of the scheme; `str(error)` says why and never holds it."""


def signer_of(secret: str) -> Signer:
    """How a secret signs: `whsec_` and base64 of 24 to 64 bytes, or `whsk_` and base64 of an ed25519 private key.

    Raises NoSecret.
    """
    if secret.startswith(SYMMETRIC):
        key = _bytes(secret.removeprefix(SYMMETRIC))
        if not _SHORTEST <= len(key) <= _LONGEST:
            raise NoSecret(f"a whsec_ secret has {_SHORTEST} to {_LONGEST} bytes and this has {len(key)}")
        return lambda content: "v1," + _text(hmac.new(key, content, hashlib.sha256).digest())
    if secret.startswith(PRIVATE):
        key = _bytes(secret.removeprefix(PRIVATE))
        if len(key) not in {_SEED, 2 * _SEED}:  # the seed alone, or with the public key behind it
            raise NoSecret(f"a whsk_ key has {_SEED} or {2 * _SEED} bytes and this has {len(key)}")
        private = Ed25519PrivateKey.from_private_bytes(key[:_SEED])
        return lambda content: "v1a," + _text(private.sign(content))
    raise NoSecret("a signing secret begins with whsec_ (HMAC-SHA256) or whsk_ (an ed25519 private key)")


def signature_header(signers: Sequence[Signer], delivery: str, timestamp: int, body: bytes) -> str:
    """The `webhook-signature` of one attempt: one signature for each secret, with spaces between."""
    content = f"{delivery}.{timestamp}.".encode() + body
    return " ".join(sign(content) for sign in signers)


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise NoSecret("what follows its prefix is no base64") from None


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
