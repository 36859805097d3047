"""Who may do what: scopes and routes, sessions, forms of other sites, names of other hosts."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from litestar.connection import ASGIConnection
from litestar.exceptions import PermissionDeniedException

from roadworthy.app.app import App
from roadworthy.app.keys import create_key, list_keys, revoke_key
from roadworthy.app.server_secret import SECRET_FILE, server_secret
from roadworthy.records.api_key import Scope
from roadworthy.server.door import Asked, refuse_strangers
from roadworthy.server.headers import ALWAYS
from roadworthy.server.sessions import LASTS_S, Sessions

if TYPE_CHECKING:
    from tests.server.core.conftest import Client

SecretFor = Callable[..., str]

PROTOBUF = {"Content-Type": "application/x-protobuf"}

ROUTES = {
    "ingest": [("POST", "/v1/traces"), ("POST", "/v1/logs")],
    "read": [
        ("GET", "/api/traces"),
        ("GET", "/api/traces/export"),
        ("GET", "/api/findings"),
        ("GET", "/api/runs"),
        ("GET", "/api/compare"),
        ("GET", "/api/baselines"),
        ("GET", "/api/suites"),
        ("GET", "/api/cases"),
        ("GET", "/api/schema"),
        ("GET", "/traces"),
    ],
    "write": [
        ("POST", "/api/baselines"),
        ("POST", "/api/cases"),
        ("POST", "/api/cases/preview"),
    ],
}
PUBLIC = ["/healthz", "/api/version", "/login", "/static/page.css"]


def asked(client: Client, method: str, path: str, secret: str = "") -> int:
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    kind = PROTOBUF if path.startswith("/v1/") else {"Content-Type": "application/json"}
    return client.request(method, path, headers={**headers, **kind}).status_code


@pytest.mark.parametrize("scope", ["ingest", "read", "write", "admin"])
def test_a_key_opens_what_its_scope_says_and_nothing_else(
    client: Client, secret_for: SecretFor, scope: str
) -> None:
    secret = secret_for(scope)

    refused = {
        (needs, path)
        for needs, routes in ROUTES.items()
        for method, path in routes
        if asked(client, method, path, secret) in (401, 403)
    }

    wanted = {(n, path) for n, routes in ROUTES.items() for _, path in routes if n != scope}
    assert refused == (set() if scope == "admin" else wanted)


def test_without_a_key_only_what_is_public_answers(client: Client, secret_for: SecretFor) -> None:
    secret_for("admin")

    statuses = {asked(client, *route) for routes in ROUTES.values() for route in routes}

    assert statuses == {401}
    assert {asked(client, "GET", path) for path in PUBLIC} == {200}


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer rw_0_0",
        "Basic {}",
        "bearer  x{}",
        "{}",
        "Bearer {}0",
        "Bearer \xe9",
    ],
)
def test_what_is_not_quite_a_key_is_none(
    client: Client, secret_for: SecretFor, header: str
) -> None:
    value = header.format(secret_for("admin")).encode("latin-1")

    assert client.get("/api/runs", headers={b"Authorization": value}).status_code == 401


def test_a_revoked_key_opens_nothing_and_the_door_stays_locked(app: App, client: Client) -> None:
    made = create_key(app, "one", [Scope.ADMIN])
    before = asked(client, "GET", "/api/runs", made.secret)

    revoke_key(app, "one")

    assert (before, asked(client, "GET", "/api/runs", made.secret)) == (200, 401)
    assert asked(client, "GET", "/api/runs") == 401


def test_the_store_keeps_no_secret(app: App, tmp_path: Path) -> None:
    secret = create_key(app, "one", [Scope.READ]).secret.encode()
    app.close()

    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

    assert secret[-64:] not in kept
    assert not hasattr(list_keys(app)[0], "digest")


def form_token(client: Client) -> str:
    found = re.search(r'name="_csrf_token" value="([0-9a-f]+)"', client.get("/login").text)
    assert found is not None
    return found[1]


def logged_in(client: Client, secret: str, **fields: str) -> int:
    data = {"key": secret, "_csrf_token": form_token(client), **fields}
    answer = client.post("/login", data=data, follow_redirects=False)
    return answer.status_code


def test_logging_in_with_a_key_lets_its_scopes_in(client: Client, secret_for: SecretFor) -> None:
    secret = secret_for("read")

    assert logged_in(client, secret) == 303

    assert asked(client, "GET", "/api/runs") == 200
    assert asked(client, "POST", "/api/baselines") == 403


def test_the_session_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites(
    client: Client, secret_for: SecretFor
) -> None:
    data = {"key": secret_for("read"), "_csrf_token": form_token(client)}

    answer = client.post("/login", data=data, follow_redirects=False)

    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_a_wrong_key_logs_nobody_in(client: Client, secret_for: SecretFor) -> None:
    secret_for("read")

    assert logged_in(client, "rw_wrong") == 403

    assert asked(client, "GET", "/api/runs") == 401


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:1", "/\t/e"],
)
def test_logging_in_leads_nowhere_else(client: Client, secret_for: SecretFor, target: str) -> None:
    data = {"key": secret_for("read"), "next": target, "_csrf_token": form_token(client)}

    answer = client.post("/login", data=data, follow_redirects=False)

    assert answer.headers["location"] == "/"


def test_logging_out_ends_the_session(client: Client, secret_for: SecretFor) -> None:
    logged_in(client, secret_for("read"))

    client.post("/logout", data={"_csrf_token": form_token(client)})

    assert asked(client, "GET", "/api/runs") == 401


def test_revoking_a_key_ends_its_sessions(app: App, client: Client) -> None:
    logged_in(client, create_key(app, "one", [Scope.READ]).secret)

    revoke_key(app, "one")

    assert asked(client, "GET", "/api/runs") == 401


def test_a_person_without_a_session_is_asked_for_a_key(
    client: Client, secret_for: SecretFor
) -> None:
    secret_for("read")

    answer = client.get("/traces?tool=x", headers={"Accept": "text/html"}, follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Ftraces%3Ftool%3Dx"


def test_the_form_looks_like_the_page_but_leads_only_in(
    client: Client, secret_for: SecretFor
) -> None:
    secret_for("read")

    shown = client.get("/login").text
    refused = client.post("/login", data={"key": "x", "_csrf_token": form_token(client)}).text

    assert '<header class="bar">' in shown
    assert "/static/page.css" in shown
    assert "<nav" not in shown, "every view would lead back to the form"
    assert 'role="alert"' not in shown
    assert 'role="alert"' in refused
    assert 'aria-describedby="failed"' in refused


@pytest.mark.parametrize("token", ["", "0" * 128, "x"])
def test_a_form_without_its_token_is_refused(
    client: Client, secret_for: SecretFor, token: str
) -> None:
    data = {"key": secret_for("read"), "_csrf_token": token}

    assert client.post("/login", data=data).status_code == 403


FOREIGN = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:1"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_page_of_another_site_changes_nothing(client: Client, headers: dict[str, str]) -> None:
    body = {"name": "main"}

    assert client.post("/api/baselines", json=body, headers=headers).status_code == 403
    sent = client.post("/v1/traces", content=b"", headers={**PROTOBUF, **headers})
    assert sent.status_code == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_that_a_form_can_send_is_not_taken_by_the_api(client: Client, kind: str) -> None:
    answer = client.post("/api/baselines", content=b'{"name": "x"}', headers={"Content-Type": kind})

    assert answer.status_code == 415


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "0.0.0.0", "10.0.0.1:4318", ""]
)
def test_without_keys_a_foreign_name_is_refused(client: Client, host: str) -> None:
    assert client.get("/api/runs", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:4318", "127.0.0.1:80", "[::1]:4318", "x.localhost", "127.8.8.8"],
)
def test_without_keys_names_of_this_machine_are_answered(client: Client, host: str) -> None:
    assert client.get("/api/runs", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("peer", "way_in"),
    [("127.0.0.1", True), ("::1", True), ("10.0.0.9", False), ("fe80::1", False)],
)
def test_without_keys_only_this_machine_is_answered(peer: str, way_in: bool) -> None:
    scope = {"type": "http", "client": (peer, 1), "headers": [(b"host", b"localhost")]}
    asked: Asked = ASGIConnection(scope)  # type: ignore[arg-type]  # as little of one as it needs

    refusal = nullcontext() if way_in else pytest.raises(PermissionDeniedException)

    with refusal:
        refuse_strangers(asked)


def test_with_keys_any_name_will_do(client: Client, secret_for: SecretFor) -> None:
    headers = {"Authorization": f"Bearer {secret_for('read')}", "Host": "evals.example"}

    assert client.get("/api/runs", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/api/runs", "/traces", "/nope", "/static/page.css", "/login"])
def test_every_answer_carries_the_strict_headers(client: Client, path: str) -> None:
    answer = client.get(path)

    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/static/../asgi.py",
        "/static/%2e%2e/asgi.py",
        "/static/..%2f..%2fasgi.py",
        "/static//etc/passwd",
        "/static/%00",
    ],
)
def test_no_path_leads_out_of_the_static_folder(client: Client, path: str) -> None:
    assert client.get(path).status_code in (400, 404)


def test_a_form_that_is_too_long_is_413(client: Client) -> None:
    answer = client.post("/api/baselines", json={"name": "x" * 2_000_000})

    assert answer.status_code == 413


def test_the_secret_that_signs_is_readable_by_its_user_alone(tmp_path: Path) -> None:
    first, again = server_secret(tmp_path), server_secret(tmp_path)

    assert first == again
    assert (tmp_path / SECRET_FILE).stat().st_mode & 0o077 == 0


NOW = datetime(2026, 11, 20, tzinfo=UTC).timestamp()


def test_a_session_ends_by_itself() -> None:
    sessions = Sessions("a" * 64)
    token = sessions.begin("0123456789ab", now=NOW)

    assert sessions.key_in(token, now=NOW + LASTS_S - 1) == "0123456789ab"
    assert sessions.key_in(token, now=NOW + timedelta(seconds=LASTS_S + 1).total_seconds()) is None


@pytest.mark.parametrize("place", [0, 13, 30])
def test_a_session_that_was_changed_is_none(place: int) -> None:
    token = Sessions("a" * 64).begin("0123456789ab", now=NOW)
    changed = token[:place] + ("1" if token[place] != "1" else "2") + token[place + 1 :]

    assert Sessions("a" * 64).key_in(changed, now=NOW) is None
    assert Sessions("b" * 64).key_in(token, now=NOW) is None
