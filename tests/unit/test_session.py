"""The one statement that binds an actor, and what set_actor refuses before it asks a database."""

import json
import string
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from pgaudit_py.errors import OptionError
from pgaudit_py.integrations import psycopg as integration
from pgaudit_py.models import Actor
from pgaudit_py.session import bind_statement, clear_actor, encodings_of, set_actor

NOTHING = {
    "causer_type": "",
    "causer_id": "",
    "ip": "",
    "user_agent": "",
    "request_id": "",
    "metadata": "",
    "stamped": False,
}


@pytest.mark.parametrize("nobody", [None, Actor()])
def test_nobody_clears_every_setting_and_the_stamp(nobody: Actor | None) -> None:
    assert bind_statement(nobody).params == NOTHING


def test_every_field_is_bound() -> None:
    who = Actor.of(
        "42", type="user", ip="203.0.113.7", user_agent="curl", request_id="r1", metadata={"café": [1, None]}
    )
    assert bind_statement(who).params == {
        "causer_type": "user",
        "causer_id": "42",
        "ip": "203.0.113.7",
        "user_agent": "curl",
        "request_id": "r1",
        "metadata": '{"café": [1, null]}',
        "stamped": True,
    }


def test_what_is_not_said_is_cleared_and_an_actor_without_id_is_stamped() -> None:
    assert bind_statement(Actor(ip="::1")).params == {**NOTHING, "ip": "::1", "stamped": True}


def test_the_statement_has_a_placeholder_for_every_parameter() -> None:
    statement = bind_statement(Actor(id="42"))
    assert statement.params is not None
    for name in statement.params:
        assert f"%({name})s" in statement.sql
    assert statement.sql % statement.params  # no other percent sign
    assert statement.row({"causer_id": "42"}) == {"causer_id": "42"}


def test_an_encoding_turns_what_it_lacks_into_escapes() -> None:
    who = Actor.of("café 日本", metadata={"city": "東京"})
    params = bind_statement(who, encodings=["iso8859-1"]).params
    assert params is not None
    assert params["causer_id"] == "café \\u65e5\\u672c"
    assert json.loads(str(params["metadata"])) == {"city": "東京"}
    params = bind_statement(who, encodings=["iso8859-1", "ascii"]).params
    assert params is not None
    assert params["causer_id"] == "caf\\xe9 \\u65e5\\u672c"


@pytest.mark.parametrize(
    ("client", "server", "expected"),
    [
        ("utf-8", "UTF8", ()),
        ("utf-8", None, ()),
        ("ascii", "SQL_ASCII", ()),
        ("ascii", "UTF8", ()),
        ("ascii", "LATIN1", ("ascii", "iso8859-1")),
        ("iso8859-1", "SQL_ASCII", ("iso8859-1",)),
        ("utf-8", "LATIN1", ("iso8859-1",)),
        ("iso8859-1", "LATIN1", ("iso8859-1",)),
        ("iso8859-1", "UTF8", ("iso8859-1",)),
        ("cp1252", "LATIN9", ("cp1252", "iso8859-15")),
        ("utf-8", "WIN1252", ("cp1252",)),
        ("utf-8", "EUC_JP", ("euc_jp",)),
        ("utf-8", "MULE_INTERNAL", ("ascii",)),
    ],
)
def test_encodings_of(client: str, server: str | None, expected: tuple[str, ...]) -> None:
    info = SimpleNamespace(encoding=client, parameter_status={"server_encoding": server}.get)
    conn: Any = SimpleNamespace(info=info)
    assert encodings_of(conn) == expected


@pytest.mark.parametrize("conn", [None, "dbname=shop", object()])
def test_only_connections_of_psycopg_are_taken(conn: Any) -> None:
    with pytest.raises(OptionError, match="an actor cannot be set on a builtins"):
        set_actor(conn, "alice")
    with pytest.raises(OptionError, match="Pass the psycopg connection"):
        clear_actor(conn)


def test_the_integration_reads_the_same_file_as_a_template_of_psycopgs() -> None:
    statement = bind_statement(Actor(id="42"))
    template = integration._template(statement.sql).as_string()
    names = {name for _, name, _, _ in string.Formatter().parse(template) if name}
    assert names == set(statement.params or ())
    assert template.startswith("SELECT")
    assert "--" not in template


def test_the_newest_psycopg_still_has_the_hooks() -> None:
    integration._check_hooks(psycopg.BaseConnection)
    assert integration._ONE_MESSAGE


def test_a_psycopg_without_the_hooks_is_refused_loudly() -> None:
    with pytest.raises(ImportError, match="lacks _exec_command, _get_tx_start_command, without"):
        integration._check_hooks(object)
