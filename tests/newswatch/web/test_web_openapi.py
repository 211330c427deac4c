"""Requests made up from the OpenAPI document: whatever is asked, the answer is one that the document allows."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error

from newswatch.web.app import create_web
from newswatch.web.house import House
from newswatch.web.problem import TYPE
from streams.archive import tokens

pytestmark = pytest.mark.slow

LEAST_OPERATIONS = 30


def test_no_request_is_a_defect_and_every_error_is_a_problem(house: House) -> None:
    web = house.settings.web.model_copy(update={"requests_per_minute": 1_000_000})
    house.settings = house.settings.model_copy(update={"web": web})
    with house.archive.begin() as connection:
        _, secret = tokens.issue(connection, "desk", ["admin"], "", house.clock(), None)
    headers = {"authorization": f"Bearer {secret}"}
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", create_web(house))
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= LEAST_OPERATIONS
    statuses: set[int] = set()
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(
            max_examples=6,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def holds(case: schemathesis.Case) -> None:
            answer = case.call(headers=headers, timeout=120)  # the first that reads a text loads all that is known
            case.validate_response(answer, checks=[not_a_server_error])
            statuses.add(answer.status_code)
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == [TYPE], (case.as_curl_command(), answer.text)

        holds()
    assert {200, 404, 422} <= statuses
