"""Where alerts go: the shape of an endpoint as a person writes it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from agents.notify.secret import Secret, beside, literal
from agents.notify.signature import NoSecret, signer_of
from agents.notify.template import TemplateMistake, check_template
from agents.notify.words import Language
from agents.tell.pace import EndpointPace

EndpointId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,99}$")]
MOST_RECIPIENTS = 100
MOST_SECRETS = 8
_CONSOLE_SECONDS = 10.0


def _signing(secret: SecretStr) -> SecretStr:
    written = literal(secret)
    if written is not None:
        try:
            signer_of(written.strip())
        except NoSecret as error:
            raise PydanticCustomError(
                "plain", "{why}: write one such, or env:NAME or file:PATH", {"why": str(error)}
            ) from None
    return secret


def _apprise(url: SecretStr) -> SecretStr:
    written = literal(url)
    if written is not None:
        from apprise import Apprise  # noqa: PLC0415 - heavy, and few have such an endpoint

        if Apprise.instantiate(written.strip(), suppress_exceptions=True) is None:
            raise PydanticCustomError(
                "plain", "this is no URL that Apprise knows: see its list of services, or write env:NAME or file:PATH"
            )
    return url


def _mailbox(address: str) -> str:
    local, _, domain = address.strip().rpartition("@")
    plain = address.strip().isprintable() and not set(address.strip()) & set(' <>,;:"()[]\\')
    if not (local and domain and plain and "@" not in local):
        raise PydanticCustomError(
            "plain",
            '"{address}" is no e-mail address: write one such as desk@example.org',
            {"address": address},
        )
    return address.strip()


def _some_but_not_too_many(to: tuple[str, ...]) -> tuple[str, ...]:
    if not 1 <= len(to) <= MOST_RECIPIENTS:
        raise PydanticCustomError(
            "plain",
            "a mail goes to 1 to {most} addresses and here are {count}: name some, or have a mailing list",
            {"most": MOST_RECIPIENTS, "count": len(to)},
        )
    return to


def _few(secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if len(secrets) > MOST_SECRETS:
        raise PydanticCustomError(
            "plain",
            "a webhook has at most {most} secrets and here are {count}: take the oldest out",
            {"most": MOST_SECRETS, "count": len(secrets)},
        )
    return secrets


def _template(source: str) -> str:
    return _tried(source, html=False)


def _html_template(source: str) -> str:
    return _tried(source, html=True)


def _tried(source: str, *, html: bool) -> str:
    try:
        check_template(source, html=html)
    except TemplateMistake as error:
        raise PydanticCustomError(
            "plain",
            "the template's line {template_line} is wrong ({why}): mend it, or leave the template out",
            {"template_line": error.line, "why": str(error)},
        ) from None
    return source


SigningSecret = Annotated[Secret, AfterValidator(_signing)]
AppriseUrl = Annotated[Secret, AfterValidator(_apprise)]
Mailbox = Annotated[str, AfterValidator(_mailbox)]
TextTemplate = Annotated[str, AfterValidator(_template)]
HtmlTemplate = Annotated[str, AfterValidator(_html_template)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    at_once: ClassVar[int] = 4
    """Deliveries that may be on their way to it."""


class Templates(_Strict):
    """Jinja2 templates in place of newswatch's own texts."""

    title: TextTemplate | None = None
    """The subject of a mail, the title of a message, the summary in Alertmanager."""
    text: TextTemplate | None = None


class MailTemplates(Templates):
    """Those of a mail, which has a second form of its text."""

    html: HtmlTemplate | None = None


class ConsoleEndpoint(_Strict):
    """Alerts are written to the standard output of the notifier."""

    id: EndpointId
    kind: Literal["console"]
    pace: EndpointPace = EndpointPace()

    @property
    def attempt_seconds(self) -> float:
        """How long one attempt may take."""
        return _CONSOLE_SECONDS


class _Timed(_Strict):
    id: EndpointId
    kind: str
    timeout_seconds: float = Field(default=10.0, gt=0, le=60)
    pace: EndpointPace = EndpointPace()
    """How often and when alerts are told to it."""

    @property
    def attempt_seconds(self) -> float:
        """How long one attempt may take."""
        return self.timeout_seconds


class WebhookEndpoint(_Timed):
    """Alerts are posted as JSON by the Standard Webhooks scheme, with their delivery id in the `webhook-id` header."""

    kind: Literal["webhook"]
    url: HttpUrl
    secrets: Annotated[tuple[SigningSecret, ...], AfterValidator(_few)] = ()
    """Each signs; while keys are changed there are two."""


class AlertmanagerEndpoint(_Timed):
    """Alerts are pushed to Prometheus Alertmanager (API v2), and resolved when they are withdrawn or closed."""

    kind: Literal["alertmanager"]
    url: HttpUrl
    """Its address; `/api/v2/alerts` is added."""
    username: str = ""
    password: Secret | None = None
    labels: dict[Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")], str] = {}
    """Added to each alert's own."""
    hold_hours: float = Field(default=168.0, gt=0, le=8760)
    """So long an alert fires there at most when nothing more is heard of it."""
    language: Language = "en"
    templates: Templates = Templates()


class EmailEndpoint(_Timed):
    """Alerts are mailed over SMTP, as text and as HTML."""

    kind: Literal["email"]
    host: Annotated[str, StringConstraints(min_length=1, pattern=r"^[A-Za-z0-9._:\[\]-]+$")]
    port: int = Field(default=587, ge=1, le=65_535, strict=True)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: Secret | None = None
    sender: Mailbox
    to: Annotated[tuple[Mailbox, ...], AfterValidator(_some_but_not_too_many)]
    timeout_seconds: float = Field(default=30.0, gt=0, le=60)
    language: Language = "en"
    templates: MailTemplates = MailTemplates()

    @model_validator(mode="after")
    def _no_password_in_the_open(self) -> Self:
        if self.password is not None and not self.username:
            raise PydanticCustomError(
                "plain", "a password needs a username beside it: add it, or take the password out"
            )
        return self

    @property
    def attempt_seconds(self) -> float:
        """How long one attempt may take: each of SMTP's steps has `timeout_seconds`."""
        return 4 * self.timeout_seconds


class AppriseEndpoint(_Strict):
    """Alerts go to any of the services that Apprise knows, by its URL."""

    id: EndpointId
    kind: Literal["apprise"]
    url: AppriseUrl
    language: Language = "en"
    templates: Templates = Templates()
    pace: EndpointPace = EndpointPace()

    @property
    def attempt_seconds(self) -> float:
        """How long one attempt may take; each service's own limits are far below."""
        return 60.0


class KafkaEndpoint(_Timed):
    """Alerts are published to a Kafka topic as CloudEvents 1.0, keyed by the alert's id."""

    at_once: ClassVar[int] = 64
    """Many go in one request."""
    kind: Literal["kafka"]
    bootstrap: Annotated[
        str, StringConstraints(pattern=r"^$|^[A-Za-z0-9_.\[\]:-]+:\d{1,5}(\s*,\s*[A-Za-z0-9_.\[\]:-]+:\d{1,5})*$")
    ] = ""
    """Empty means newswatch's own."""
    topic: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,249}$")] = "alerts"


Endpoint = Annotated[
    ConsoleEndpoint | WebhookEndpoint | AlertmanagerEndpoint | EmailEndpoint | AppriseEndpoint | KafkaEndpoint,
    Field(discriminator="kind"),
]


def secrets_of(endpoint: Endpoint) -> list[SecretStr]:
    """What an endpoint keeps secret."""
    if isinstance(endpoint, WebhookEndpoint):
        return list(endpoint.secrets)
    if isinstance(endpoint, AppriseEndpoint):
        return [endpoint.url]
    if isinstance(endpoint, AlertmanagerEndpoint | EmailEndpoint) and endpoint.password is not None:
        return [endpoint.password]
    return []


def with_files_beside(endpoint: Endpoint, base: Path) -> Endpoint:
    """The endpoint with the paths of its secret files made absolute from `base`."""
    if isinstance(endpoint, WebhookEndpoint):
        return endpoint.model_copy(update={"secrets": tuple(beside(one, base) for one in endpoint.secrets)})
    if isinstance(endpoint, AppriseEndpoint):
        return endpoint.model_copy(update={"url": beside(endpoint.url, base)})
    if isinstance(endpoint, AlertmanagerEndpoint | EmailEndpoint) and endpoint.password is not None:
        return endpoint.model_copy(update={"password": beside(endpoint.password, base)})
    return endpoint
