"""Certificates for tests: an authority of our own, a broker's certificate on loopback, and a client's."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from streams.clock import utc_now


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM files; `broker` and `client` also hold their key, as Kafka wants a key store."""

    authority: Path
    broker: Path
    client: Path
    client_key: Path


def make_certificates(directory: Path) -> Certificates:
    """Make them new in a directory."""
    directory.mkdir(parents=True, exist_ok=True)
    made = Certificates(*(directory / f"{name}.pem" for name in ("authority", "broker", "client", "client-key")))
    authority_key = rsa.generate_private_key(65537, 2048)
    authority = _certificate("authority of tests", authority_key, None, authority_key)
    made.authority.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    for name, path, kind in (
        ("127.0.0.1", made.broker, ExtendedKeyUsageOID.SERVER_AUTH),
        ("newswatch", made.client, ExtendedKeyUsageOID.CLIENT_AUTH),
    ):
        key = rsa.generate_private_key(65537, 2048)
        certificate = _certificate(name, key, authority, authority_key, kind)
        path.write_bytes(_pem(key) + certificate.public_bytes(serialization.Encoding.PEM))
        if path == made.client:
            made.client_key.write_bytes(_pem(key))
    return made


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _certificate(
    name: str,
    key: rsa.RSAPrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: rsa.RSAPrivateKey,
    kind: x509.ObjectIdentifier | None = None,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = utc_now()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if kind is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([kind]), critical=False)
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
    else:
        usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(issuer_key, hashes.SHA256())
