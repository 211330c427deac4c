"""How newswatch proves itself to Kafka and Kafka to it: TLS, client certificates, SASL. One source for every client."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streams.errors import ConfigInvalid


@dataclass(frozen=True, slots=True)
class KafkaSecurity:
    """All empty: a plain connection. Files are PEM."""

    tls: bool = False
    ca_file: Path | None = None
    """Who signed the brokers' certificates; the machine's own authorities where left out."""
    certificate_file: Path | None = None
    key_file: Path | None = None
    mechanism: str = ""
    """`PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`; empty without SASL."""
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def protocol(self) -> str:
        """Kafka's name for it."""
        secure = "SSL" if self.tls else "PLAINTEXT"
        return f"SASL_{secure}" if self.mechanism else secure

    def context(self) -> ssl.SSLContext | None:
        """For TLS, with the host's name checked; None without. Raises ConfigInvalid where a file cannot be used."""
        if not self.tls:
            return None
        about = self.ca_file
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
            if self.certificate_file is not None:
                about = self.certificate_file
                context.load_cert_chain(self.certificate_file, self.key_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigInvalid([f"kafka: {about} cannot be used ({error}): it must be a PEM file"]) from error
        return context

    def client_options(self) -> dict[str, Any]:
        """What kafka-python's clients take."""
        options: dict[str, Any] = {"security_protocol": self.protocol}
        if self.tls:
            options["ssl_context"] = self.context()
        if self.mechanism:
            options |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }
        return options
