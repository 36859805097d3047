"""The API's description says who may ask, and what OTLP takes. HEAD answers like GET."""

from typing import Any

import pytest
from litestar.testing import TestClient

Client = TestClient[Any]


@pytest.fixture
def described(client: Client) -> Any:
    return client.get("/api/schema").json()


@pytest.fixture
def client(browser: Any) -> Client:
    found: Client = browser._client
    return found


def test_keys_are_described_and_asked_for_everywhere(described: Any) -> None:
    schemes = described["components"]["securitySchemes"]

    assert (schemes["key"]["type"], schemes["key"]["scheme"]) == ("http", "bearer")
    assert schemes["session"]["in"] == "cookie"
    assert described["security"] == [{"key": []}, {"session": []}]


def test_what_answers_to_everybody_says_so(described: Any) -> None:
    open_ones = {
        path
        for path, methods in described["paths"].items()
        if all(operation.get("security") == [{}] for operation in methods.values())
    }
    assert open_ones == {"/healthz", "/api/version"}


@pytest.mark.parametrize("path", ["/v1/traces", "/v1/logs"])
def test_otlp_is_described_in_both_forms_with_every_answer(described: Any, path: str) -> None:
    operation = described["paths"][path]["post"]

    forms = {"application/json", "application/x-protobuf"}
    assert set(operation["requestBody"]["content"]) == forms
    assert {"200", "400", "401", "413", "415", "503"} <= set(operation["responses"])
    assert set(operation["responses"]["503"]["content"]) == forms


@pytest.mark.parametrize("path", ["/", "/traces", "/api/runs", "/healthz", "/static/page.css"])
def test_the_head_of_an_answer_can_be_had_alone(client: Client, path: str) -> None:
    whole, head = client.get(path), client.head(path)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]


def test_what_takes_no_get_takes_no_head(client: Client) -> None:
    assert client.head("/v1/traces").status_code == 405
    assert client.head("/nowhere").status_code == 404
