"""What is excluded or redacted reaches the log on no way, whoever alters the table, and however old a snapshot is."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from pgaudit_py import Audit
from pgaudit_py.errors import OptionError, TableChanged
from tests.conftest import Conn, Connect

SECRET = "hunter2"


def everything(conn: Conn) -> str:
    """All that the log says, as one text."""
    return str(conn.execute("SELECT l::text FROM pgaudit_py.activity_log AS l ORDER BY id").fetchall())


def last(audit: Audit) -> Any:
    return audit.activity(limit=1).items[0]


@pytest.fixture
def people(conn: Conn) -> Conn:
    conn.execute("CREATE TABLE people (id int PRIMARY KEY, name text, secret text, doc jsonb, open text)")
    conn.execute(
        "INSERT INTO people VALUES (1, 'Ana', %s, %s, 'a')", [SECRET, json.dumps({"token": "seen", "n": 1})]
    )
    return conn


@pytest.fixture
def begun(db: str, connect: Connect) -> Callable[[], Conn]:
    """Open a transaction whose snapshot is of now."""

    def begin() -> Conn:
        conn = connect(db)
        conn.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        conn.execute("SELECT FROM pg_class LIMIT 1")
        return conn

    return begin


REDACTED = ["secret", "doc.token"]
ODD_ADDRESS = "SELECT set_config('pgaudit_py.stamp', extract(epoch FROM now())::text, true), set_config('pgaudit_py.ip', 'none', true)"


# --- snapshots that are older than the install ---


@pytest.mark.parametrize("altered", [False, True])
@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize(
    "write",
    [
        "INSERT INTO people (id, secret, doc) VALUES (2, '{0}', '{{\"token\": \"{0}\"}}')",
        "UPDATE people SET secret = '{0}!', doc = '{{\"token\": \"{0}!\"}}'",
        "DELETE FROM people",
        "TRUNCATE people",
        "SELECT pgaudit_py.snapshot('people', '1')",
        "UPDATE people SET name = repeat('long', 1000), secret = '{0}?'",
    ],
)  # fmt: skip
def test_a_transaction_that_began_before_the_install(
    people: Conn, audit: Audit, begun: Callable[[], Conn], write: str, altered: bool, again: bool
) -> None:
    """Its snapshot shows no books, or those of an install that left nothing out."""
    if again:
        audit.install("people")
    old = begun()
    audit.install("people", redact=REDACTED)
    if altered:
        people.execute("ALTER TABLE people ADD added int")
    if "snapshot" in write and not again:
        audit.snapshot("people", 1)  # old sees no books to find the table in
    else:
        old.execute(ODD_ADDRESS.encode())
        old.execute(write.format(SECRET).encode())
    old.commit()
    assert len(audit.activity()) > 0
    assert SECRET not in everything(people)


@pytest.mark.parametrize("option", ["exclude", "redact"])
@pytest.mark.parametrize("later", [False, True])
def test_names_that_were_swapped_after_the_snapshot(
    people: Conn, audit: Audit, begun: Callable[[], Conn], option: str, later: bool
) -> None:
    people.execute("TRUNCATE people")
    audit.install("people", **{option: ["secret"]})  # type: ignore[arg-type]
    old = begun()
    people.execute(
        "ALTER TABLE people RENAME secret TO x; ALTER TABLE people RENAME open TO secret; ALTER TABLE people RENAME x TO open"
    )
    if later:
        audit.sync("people")
    old.execute("INSERT INTO people (id, open, secret) VALUES (1, %s, 'seen')", [SECRET])
    old.execute("UPDATE people SET open = %s", [SECRET + "!"])
    old.commit()
    people.execute("UPDATE people SET secret = 'seen too'")
    told = everything(people)
    assert SECRET not in told
    assert "seen too" in told


def test_documents_whose_names_were_swapped(conn: Conn, audit: Audit, begun: Callable[[], Conn]) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, a jsonb, b jsonb)")
    audit.install("t", redact=["a.token"])
    old = begun()
    conn.execute("ALTER TABLE t RENAME a TO x; ALTER TABLE t RENAME b TO a; ALTER TABLE t RENAME x TO b")
    old.execute("INSERT INTO t (id, b) VALUES (1, %s)", [json.dumps({"token": SECRET})])
    old.commit()
    assert SECRET not in everything(conn)


# --- columns that are made from others ---


@pytest.mark.parametrize("option", ["exclude", "redact"])
def test_a_column_that_is_generated_later(people: Conn, audit: Audit, option: str) -> None:
    audit.install("people", **{option: ["secret"]})  # type: ignore[arg-type]
    people.execute("ALTER TABLE people ADD shown text GENERATED ALWAYS AS (upper(secret)) STORED")
    people.execute(f"UPDATE people SET name = 'Bo', secret = '{SECRET}!'".encode())
    audit.snapshot("people", 1)
    assert SECRET not in everything(people).lower()
    with pytest.raises(OptionError, match="'shown' is generated from 'secret'"):
        audit.install("people")
    audit.install("people", **{option: ["secret", "shown"]})  # type: ignore[arg-type]
    people.execute(f"UPDATE people SET name = 'Cy', secret = '{SECRET}?'; TRUNCATE people".encode())
    assert SECRET not in everything(people).lower()


def test_another_expression(people: Conn, audit: Audit) -> None:
    if people.info.server_version < 170000:
        pytest.skip("SET EXPRESSION came with PostgreSQL 17")
    people.execute("ALTER TABLE people ADD shown text GENERATED ALWAYS AS (upper(name)) STORED")
    audit.install("people", redact=["secret"])
    people.execute("ALTER TABLE people ALTER shown SET EXPRESSION AS (upper(secret))")
    people.execute(f"UPDATE people SET secret = '{SECRET}!'".encode())
    assert SECRET not in everything(people).lower()


# --- parts of documents ---


def test_a_document_and_what_is_called_like_a_part_of_it(conn: Conn, audit: Audit) -> None:
    conn.execute('CREATE TABLE t (id int PRIMARY KEY, doc jsonb, "doc.token" text)')
    audit.install("t", redact=["doc", "doc.token"])
    conn.execute("INSERT INTO t VALUES (1, %s, %s)", [json.dumps(SECRET), SECRET])
    assert last(audit).snapshot == {"id": 1}


def test_a_path_leads_through_arrays(people: Conn, audit: Audit) -> None:
    audit.install("people", redact=["secret", "doc.list.token"])
    doc = {"list": [{"token": SECRET, "n": 1}, [{"token": SECRET}], 2, {"n": 3}], "token": "seen"}
    people.execute("UPDATE people SET doc = %s", [json.dumps(doc)])
    assert last(audit).changes["doc"].new == {"list": [{"n": 1}, [{}], 2, {"n": 3}], "token": "seen"}
    doc["list"][0]["token"] += "!"  # type: ignore[index]
    people.execute("UPDATE people SET doc = %s", [json.dumps(doc)])
    assert (last(audit).changes, set(last(audit).omitted)) == ({}, {"doc.list.token"})
    people.execute("ALTER TABLE people ADD added int")
    doc["list"][1][0]["token"] += "!"  # type: ignore[index]
    people.execute("UPDATE people SET doc = %s", [json.dumps(doc)])
    assert (last(audit).changes, set(last(audit).omitted)) == ({}, {"doc.list.token"})
    doc["list"] = [[[{"token": SECRET}]]]
    people.execute("UPDATE people SET doc = %s", [json.dumps(doc)])
    assert SECRET not in everything(people)


@pytest.mark.parametrize("inside", ["{}", "[{}]", "[[{}]]"])
def test_nothing_and_null_differ(people: Conn, audit: Audit, inside: str) -> None:
    audit.install("people", redact=["doc.token"])
    for member in ('{"token": null}', "{}", '{"token": 1}', '{"token": [1]}'):
        people.execute("UPDATE people SET doc = %s", [inside.replace("{}", member)])
        assert last(audit).omitted == {"doc.token": {"why": "redacted"}}
    assert len(audit.activity()) == 4


def test_a_position_is_no_path(people: Conn, audit: Audit) -> None:
    with pytest.raises(OptionError, match=r"'doc\.list\.0' names a position"):
        audit.install("people", redact=["doc.list.0"])


def test_a_column_with_the_name_of_a_path(conn: Conn, audit: Audit) -> None:
    """Both are meant."""
    conn.execute('CREATE TABLE t (id int PRIMARY KEY, doc jsonb, "doc.token" text, n int)')
    audit.install("t", redact=["doc.token"])
    conn.execute("INSERT INTO t VALUES (1, %s, %s)", [json.dumps({"token": SECRET, "n": 1}), SECRET])
    assert last(audit).snapshot["doc"] == {"n": 1}
    conn.execute("ALTER TABLE t RENAME doc TO file; ALTER TABLE t ADD added int")
    conn.execute("UPDATE t SET file = %s, n = 2", [json.dumps({"token": SECRET + "!"})])
    audit.sync("t")
    conn.execute('UPDATE t SET file = %s, "doc.token" = %s', [json.dumps({"token": SECRET}), SECRET + "!"])
    assert SECRET not in everything(conn)


# --- names, and installs that follow each other ---


@pytest.mark.parametrize("option", ["exclude", "redact"])
def test_a_new_column_under_the_old_name(people: Conn, audit: Audit, option: str) -> None:
    """Renamed, and its name given to another one: both are meant, before the next install and after it."""
    audit.install("people", **{option: ["secret"]})  # type: ignore[arg-type]
    people.execute("ALTER TABLE people RENAME secret TO old_secret; ALTER TABLE people ADD secret text")
    for _ in range(2):
        people.execute("UPDATE people SET secret = %s, old_secret = %s, name = name || '!'", [SECRET, SECRET])
        people.execute("UPDATE people SET secret = NULL, old_secret = NULL, name = name || '!'")
        audit.sync("people")
    assert sorted(audit.status()[0].options[option]) == ["old_secret", "secret"]
    assert SECRET not in everything(people)


@pytest.mark.parametrize("option", ["exclude", "redact"])
@pytest.mark.parametrize("way", ["as", "uninstall", "anew", "moved", "uninstall as", "uninstall and rename"])
def test_an_install_that_does_not_name_it_again(people: Conn, audit: Audit, option: str, way: str) -> None:
    audit.install("people", **{option: ["secret"]}, truncate_rows=5)  # type: ignore[arg-type]
    if way == "as":
        audit.install("people", as_="persons")
    elif way == "uninstall":
        audit.uninstall("people")
        audit.install("people")
    elif way == "uninstall as":
        audit.uninstall("people")
        audit.install("people", as_="persons")
    elif way == "uninstall and rename":
        audit.uninstall("people")
        people.execute("ALTER TABLE people RENAME TO persons; ALTER TABLE persons RENAME secret TO hidden")
        audit.install("persons")
        people.execute("ALTER TABLE persons RENAME hidden TO secret; ALTER TABLE persons RENAME TO people")
        audit.sync("people")
    elif way == "anew":
        people.execute("DROP TABLE people; CREATE TABLE people (id int PRIMARY KEY, secret text, name text)")
        audit.install("people")
    else:
        people.execute("CREATE TABLE others (id int PRIMARY KEY, secret text, name text); DROP TABLE people")
        audit.install("others", as_="people")
        people.execute("ALTER TABLE others RENAME TO people")
    people.execute("INSERT INTO people (id, secret) VALUES (2, %s)", [SECRET])
    people.execute("UPDATE people SET secret = %s, name = 'x'", [SECRET + "!"])
    assert SECRET not in everything(people)
    found = next(one for one in audit.status() if one.subject_type == last(audit).subject_type)
    assert found.options[option] == ["secret"]
    # An empty list says that all is to be told from now on.
    audit.install("people", **{option: []}, as_=found.subject_type)  # type: ignore[arg-type]
    people.execute("UPDATE people SET secret = 'told now'")
    assert "told now" in everything(people)


# --- the key ---


def test_key_columns_that_swapped_their_names(conn: Conn, audit: Audit, begun: Callable[[], Conn]) -> None:
    conn.execute("CREATE TABLE t (a int, b int, n int, PRIMARY KEY (a))")
    audit.install("t")
    conn.execute("INSERT INTO t VALUES (1, 2, 0)")
    old = begun()
    conn.execute("ALTER TABLE t RENAME a TO x; ALTER TABLE t RENAME b TO a; ALTER TABLE t RENAME x TO b")
    old.execute("UPDATE t SET n = 1")
    old.commit()
    for expected in (2, 3):
        conn.execute("UPDATE t SET n = n + 1")
        assert (last(audit).subject_id, last(audit).changes["n"].new) == ("1", expected)
        audit.sync("t")
    assert [entry.operation for entry in audit.history("t", 1)] == ["I", "U", "U", "U"]


def test_another_key_under_the_same_name(conn: Conn, audit: Audit) -> None:
    """Records would be told apart by other values than in the log."""
    conn.execute("CREATE TABLE t (a int PRIMARY KEY, b int NOT NULL UNIQUE)")
    audit.install("t")
    conn.execute("INSERT INTO t VALUES (1, 2)")
    conn.execute(
        "ALTER TABLE t DROP CONSTRAINT t_pkey; ALTER TABLE t RENAME a TO x; ALTER TABLE t RENAME b TO a; ALTER TABLE t ADD PRIMARY KEY (a)"
    )
    with pytest.raises(OptionError, match=r"apart by a"):
        audit.install("t")


# --- what an old snapshot cannot tell ---


def test_a_source_that_was_renamed_after_the_snapshot(
    people: Conn, audit: Audit, begun: Callable[[], Conn]
) -> None:
    audit.install("people", redact=["secret"])
    stored(people, "secret")
    stored_name = "ALTER TABLE people ADD seen text GENERATED ALWAYS AS (upper(name)) STORED"
    people.execute(stored_name)
    old = begun()
    people.execute("ALTER TABLE people RENAME secret TO hidden; ALTER TABLE people RENAME name TO called")
    old.execute("INSERT INTO people (id, called, hidden) VALUES (2, 'bo', %s)", [SECRET])
    old.commit()
    assert SECRET not in everything(people).lower()
    assert last(audit).snapshot["seen"] == "BO"


def stored(conn: Conn, expression: str) -> None:
    conn.execute(
        f"ALTER TABLE people ADD shown text GENERATED ALWAYS AS (upper({expression})) STORED".encode()
    )


@pytest.mark.parametrize("way", ["expression", "anew", "plain"])
def test_a_generated_column_that_is_made_from_another_one_since(
    people: Conn, audit: Audit, begun: Callable[[], Conn], way: str
) -> None:
    """Nor is it believed for the rest of the session that nothing has changed."""
    if way == "expression" and people.info.server_version < 170000:
        pytest.skip("SET EXPRESSION came with PostgreSQL 17")
    if way == "plain":
        people.execute("ALTER TABLE people ADD shown text")
    else:
        stored(people, "name")
    audit.install("people", redact=["secret"])
    old = begun()
    if way == "expression":
        people.execute("ALTER TABLE people ALTER shown SET EXPRESSION AS (upper(secret))")
    else:
        people.execute("ALTER TABLE people DROP shown")
        stored(people, "secret")
    for key, isolation in enumerate((None, psycopg.IsolationLevel.READ_COMMITTED), start=2):
        if isolation:
            old.isolation_level = isolation
        old.execute("INSERT INTO people (id, name, secret) VALUES (%s, 'a', %s)", [key, SECRET])
        old.execute("UPDATE people SET name = name || '!', secret = secret || '!'")
        old.commit()
    assert SECRET not in everything(people).lower()
    assert "a!!" in everything(people)


def test_a_table_that_the_owner_of_the_log_cannot_name(
    bare_db: str, connect: Connect, role: Callable[[], str]
) -> None:
    """Without USAGE on its schema it asks for no row of the table; numbers and names are told all the same."""
    owner = role()
    conn, old = connect(bare_db, autocommit=True), connect(bare_db)
    audit = Audit(conn)
    audit.migrate(owner=owner)
    conn.execute(
        "CREATE SCHEMA theirs; CREATE TABLE theirs.people (id int PRIMARY KEY, secret text, open text, n int,"
        " g text GENERATED ALWAYS AS (upper(open)) STORED, h text GENERATED ALWAYS AS (upper(open)) STORED)"
    )
    conn.execute("INSERT INTO theirs.people VALUES (1, %s, 'a', 1)", [SECRET])
    audit.install("theirs.people", redact=["secret"])
    conn.execute(f"REVOKE ALL ON SCHEMA theirs FROM {owner}".encode())
    old.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    old.execute("SELECT FROM pg_class LIMIT 1")
    conn.execute(
        "ALTER TABLE theirs.people DROP h; ALTER TABLE theirs.people ALTER n TYPE bigint; ALTER TABLE theirs.people RENAME secret TO x;"
        "ALTER TABLE theirs.people RENAME open TO secret; ALTER TABLE theirs.people RENAME x TO open;"
        "ALTER TABLE theirs.people ADD h text GENERATED ALWAYS AS (upper(open)) STORED"
    )
    old.execute("INSERT INTO theirs.people (id, open, secret, n) VALUES (2, %s, 'seen', 2)", [SECRET + "!"])
    old.commit()
    assert last(audit).snapshot == {"id": "2", "secret": "seen", "n": "2", "g": "SEEN"}
    old.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
    old.execute("UPDATE theirs.people SET open = %s, secret = 'seen too'", [SECRET + "?"])
    old.commit()
    told = everything(conn)
    assert SECRET not in told.lower()
    assert "seen too" in told
    conn.execute(f"REASSIGN OWNED BY {owner} TO CURRENT_USER; DROP OWNED BY {owner}".encode())


def test_a_snapshot_under_a_name_that_is_given_up(
    people: Conn, audit: Audit, begun: Callable[[], Conn]
) -> None:
    audit.install("people")
    old = begun()
    audit.install("people", as_="persons", redact=["secret"])
    with pytest.raises(TableChanged, match="changed since this transaction began"):
        Audit(old).snapshot("people", 1)
    old.rollback()
    assert SECRET not in everything(people)


# --- documents of any size and depth ---


@pytest.mark.parametrize("depth", [18, 99, 101, 1500])
def test_a_document_however_deep(people: Conn, audit: Audit, depth: int) -> None:
    audit.install("people", redact=["secret", "doc.token"])
    doc = "[" * depth + json.dumps({"token": SECRET, "n": "kept"}) + "]" * depth
    people.execute("UPDATE people SET doc = %s", [doc])
    assert ("kept" in everything(people)) == (depth < 100)
    people.execute("UPDATE people SET doc = %s", [doc.replace(SECRET, SECRET + "!")])
    assert last(audit).omitted["doc.token"] == {"why": "redacted"}
    audit.snapshot("people", 1)
    assert SECRET not in everything(people)
    assert audit.verify_table("people") == []


def test_a_list_of_ten_thousand(people: Conn, audit: Audit) -> None:
    audit.install("people", redact=["secret", "doc.list.token"])
    doc = {"list": [{"token": SECRET, "n": n} for n in range(10_000)]}
    people.execute("UPDATE people SET doc = %s", [json.dumps(doc)])
    assert last(audit).changes["doc"].new == {"list": [{"n": n} for n in range(10_000)]}
