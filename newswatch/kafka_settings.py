"""The section `kafka` of the settings: where the broker is, and how it and newswatch know each other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from agents.notify.secret import Secret, reveal
from streams.kafka import Kafka
from streams.kafka_security import KafkaSecurity

_BROKER = r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9_.-]+):\d{1,5}"
_BOOTSTRAP = rf"{_BROKER}(\s*,\s*{_BROKER})*"


class KafkaSettings(BaseModel):
    """The broker: `embedded` (one machine, started by `newswatch run`) or addresses of Apache Kafka."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bootstrap: str = "embedded"
    """`embedded`, or `host:port[,host:port...]`."""
    embedded_port: int = Field(default=19092, ge=0, le=65535, strict=True)
    """Loopback port of the embedded broker; 0 takes a free one."""
    partitions: int = Field(default=4, ge=1, le=1024, strict=True)
    replication: int = Field(default=0, ge=0, le=7, strict=True)
    """Copies of each topic; 0 takes three where there are three brokers, else one."""
    retention_hours: int = Field(default=168, ge=1, le=87_600, strict=True)
    """How long `articles` and `articles.enriched` stay on Apache Kafka."""
    tls: bool = Field(default=False, strict=True)
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    sasl: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    """How `username` and `password` prove themselves."""
    username: str = ""
    password: Secret | None = None
    group: Annotated[str, StringConstraints(min_length=1)] = "newswatch"
    recycle_megabytes: int = Field(default=512, ge=32, strict=True)
    """The embedded broker is emptied and restarted when its memory passes this."""

    @field_validator("bootstrap")
    @classmethod
    def _addresses(cls, bootstrap: str) -> str:
        if bootstrap != "embedded" and not re.fullmatch(_BOOTSTRAP, bootstrap):
            raise PydanticCustomError(
                "plain",
                '"{bootstrap}" is no list of brokers: write embedded, or host:port with commas between, '
                "such as kafka1:9092,kafka2:9092",
                {"bootstrap": bootstrap},
            )
        return bootstrap

    @model_validator(mode="after")
    def _fits_together(self) -> KafkaSettings:
        wrong = ""
        if bool(self.username) != (self.password is not None):
            wrong = "username and password belong together: write both, or neither"
        elif (self.certificate_file is None) != (self.key_file is None):
            wrong = "certificate_file and key_file belong together: write both, or neither"
        elif (self.ca_file or self.certificate_file) and not self.tls:
            wrong = "ca_file and certificate_file are used with tls: write tls: true, or leave them out"
        if wrong:
            raise PydanticCustomError("plain", wrong)
        return self

    def security(self) -> KafkaSecurity:
        """How clients prove themselves. Raises ConfigInvalid where the password cannot be had."""
        return KafkaSecurity(
            self.tls,
            self.ca_file,
            self.certificate_file,
            self.key_file,
            self.sasl if self.username else "",
            self.username,
            reveal(self.password) if self.password is not None else "",
        )

    def external(self) -> Kafka:
        """Apache Kafka as these settings name it. Raises ConfigInvalid where the password cannot be had."""
        return Kafka(
            self.bootstrap,
            self.partitions,
            self.replication,
            retention_hours=self.retention_hours,
            security=self.security(),
        )
