"""Where alerts go: the shape of an endpoint as a person writes it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, StringConstraints

EndpointId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,99}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ConsoleEndpoint(_Strict):
    """Alerts are written to the standard output of the notifier."""

    id: EndpointId
    kind: Literal["console"]


class WebhookEndpoint(_Strict):
    """Alerts are posted as JSON, with their delivery id in the `webhook-id` header."""

    id: EndpointId
    kind: Literal["webhook"]
    url: HttpUrl
    timeout_seconds: float = Field(default=10.0, gt=0, le=60)


Endpoint = Annotated[ConsoleEndpoint | WebhookEndpoint, Field(discriminator="kind")]
