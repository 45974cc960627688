"""Which database is meant, and what is said when it does not answer."""

from __future__ import annotations

import pytest

from pgaudit_py.connect import check_version, choose_dsn, connect
from pgaudit_py.errors import ConnectionFailed, ServerTooOld


@pytest.mark.parametrize(
    ("option", "environment", "chosen"),
    [
        ("a", {"PGAUDIT_PY_DSN": "b", "DATABASE_URL": "c"}, "a"),
        (None, {"PGAUDIT_PY_DSN": "b", "DATABASE_URL": "c"}, "b"),
        (None, {"PGAUDIT_PY_DSN": "", "DATABASE_URL": "c"}, "c"),
        (None, {}, ""),
        ("postgresql+psycopg://u@h/d", {}, "postgresql://u@h/d"),
        ("postgres+asyncpg://u@h/d", {}, "postgresql://u@h/d"),
    ],
)
def test_the_choice(option: str | None, environment: dict[str, str], chosen: str) -> None:
    assert choose_dsn(option, environment) == chosen


def test_an_unreachable_server_is_named_without_its_password() -> None:
    with pytest.raises(ConnectionFailed) as caught:
        connect("host=127.0.0.1 port=1 dbname=shop user=me password=secret")
    assert "host 127.0.0.1, port 1, dbname shop, user me" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "--dsn" in str(caught.value)


@pytest.mark.parametrize("dsn", ["nonsense", "host=x colour=blue", "postgresql://[::1"])
def test_what_is_no_connection_string(dsn: str) -> None:
    with pytest.raises(ConnectionFailed, match="connection string"):
        connect(dsn)


@pytest.mark.parametrize(
    "dsn",
    ["postgresql://u:se%cret@h/d", "host=h password=top secret", "mysql://u:secret@h/d", "password=a'secret"],
)
def test_what_is_no_connection_string_is_not_repeated(dsn: str) -> None:
    with pytest.raises(ConnectionFailed) as caught:
        connect(dsn)
    assert "cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("dsn", "reason", "hint"),
    [
        ("host=127.0.0.1 port=1", "host 127.0.0.1, port 1: Connection refused.", "Start the server"),
        ("host=127.0.0.1 port=99999", 'invalid port number: "99999"', "Correct the connection string"),
        ("host=127.0.0.1 sslmode=what", 'invalid sslmode value: "what"', "Correct the connection string"),
        ("service=nonsense", 'definition of service "nonsense" not found', "Check PGSERVICEFILE"),
        ("host=127.0.0.1,127.0.0.2 port=1", "Connection refused.", "Start the server"),
        ("host=x colour=blue", 'invalid connection option "colour"', "Write postgresql://"),
    ],
)
def test_the_reason_and_the_fix(dsn: str, reason: str, hint: str) -> None:
    with pytest.raises(ConnectionFailed) as caught:
        connect(dsn)
    assert reason in str(caught.value)
    assert hint in str(caught.value)


def test_without_a_host_libpq_says_where_it_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "/nowhere")
    with pytest.raises(ConnectionFailed, match='cannot connect: connection to server on socket "/nowhere/'):
        connect("")


def test_versions() -> None:
    check_version(150000)
    with pytest.raises(ServerTooOld, match="PostgreSQL 14"):
        check_version(140012)
