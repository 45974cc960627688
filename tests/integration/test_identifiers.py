"""Whatever people call their tables and columns, everything works."""

from __future__ import annotations

import pytest
from psycopg import sql

from pgaudit_py import Audit
from tests.conftest import Conn, Connect

NAMES = [
    'a"b', "select", "Tab.le", "x'y", "100%", "%(name)s", "a\\b", "$$", "$body$", "{{ jinja }}", "{% raw %}", "{# x #}", "%I",
    '"; drop table x;--', "new\nline", "emoji 🙂", "x" * 63, "ä" * 31, " ", "<&>", "old", "new", "tg_op", "command", "drifted",
    "v_changes", "v_old", "v_new", "v_subject", "diff", "NEW", "OLD", "TG_RELID", "null", "true", "key", "value", "Ä" * 31 + "x",
    "id", "state", "columns", "relation", "name", "\t", "a.b.c", "'", '"', "\\", "\u202e", "--", "/*", "*/", ":x", "$1", "?", "live", "t", "k", "r", "subject_id", "pgaudit_py",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name(conn: Conn, audit: Audit, name: str) -> None:
    """As schema, table, key, column and type."""
    quoted = sql.Identifier(name)
    schema = sql.Identifier(name if name != "pgaudit_py" else "other")
    table = sql.SQL("{}.{}").format(schema, quoted)
    second = sql.Identifier(name[:-1] + "2" if name[:-1] else "x2")
    for statement in (
        "CREATE SCHEMA {schema}",
        "CREATE TYPE {schema}.{second} AS ENUM ('a', 'b')",
        "CREATE TABLE {table} ({quoted} int PRIMARY KEY, {second} {schema}.{second}, doc jsonb)",
    ):
        conn.execute(sql.SQL(statement).format(schema=schema, quoted=quoted, second=second, table=table))
    subject_type = audit.install(table.as_string()).subject_type
    conn.execute(sql.SQL("INSERT INTO {} VALUES (1, 'a', '{{}}')").format(table))
    conn.execute(sql.SQL("UPDATE {} SET {} = 'b', doc = NULL").format(table, second))
    conn.execute(sql.SQL("UPDATE {} SET {} = 2").format(table, quoted))
    assert [entry.key for entry in audit.history(subject_type, 2)] == ["1", "1", "2"]
    assert audit.activity(field=name).items[0].changes[name].new == 2
    audit.restore(version=audit.versions(subject_type, 2)[0].id)
    conn.execute(sql.SQL("DELETE FROM {}").format(table))
    audit.restore(version=audit.activity(action="deleted").items[0].id)
    assert conn.execute(sql.SQL("SELECT * FROM {}").format(table)).fetchall() == [(1, "a", {})]
    conn.execute(sql.SQL("ALTER TABLE {} ADD added int DEFAULT 3").format(table))
    conn.execute(sql.SQL("UPDATE {} SET {} = 'b'").format(table, second))
    conn.execute(sql.SQL("TRUNCATE {}").format(table))
    assert audit.activity(action="deleted").items[0].snapshot == {
        name: 1,
        second.as_string()[1:-1].replace('""', '"'): "b",
        "doc": {},
        "added": 3,
    }
    assert audit.verify_table(subject_type) == []
    assert audit.uninstall(table.as_string()) == subject_type


def test_a_name_need_not_be_quoted(conn: Conn, audit: Audit) -> None:
    conn.execute('CREATE TABLE "Tab.le" (id int PRIMARY KEY); CREATE TABLE "Mixed" (id int PRIMARY KEY)')
    assert audit.install("Tab.le").subject_type == "Tab.le"
    assert audit.install("Mixed").subject_type == "Mixed"


def test_names_that_share_their_beginning(conn: Conn, audit: Audit) -> None:
    names = ["x" * 62 + "a", "x" * 62 + "b"]
    for number, name in enumerate(names):
        conn.execute(sql.SQL("CREATE TABLE {} (id int PRIMARY KEY)").format(sql.Identifier(name)))
        audit.install(name)
        conn.execute(sql.SQL("INSERT INTO {} VALUES (%s)").format(sql.Identifier(name)), [number])
    assert [one.subject_type for one in audit.activity()] == names[::-1]


def test_a_composite_key_is_unambiguous(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE links (a text, b text, n date, v int, PRIMARY KEY (n, a, b))")
    audit.install("links")
    rows = [("a|b", "c"), ("a", "b|c"), ('a","b', "c"), ("a", '","b'), ("", ""), ("[", "]")]
    for number, (a, b) in enumerate(rows):
        conn.execute("INSERT INTO links VALUES (%s, %s, '2026-02-01', %s)", [a, b, number])
    conn.execute("UPDATE links SET v = v + 100")
    for number, (a, b) in enumerate(rows):
        states = [entry.state for entry in audit.history("links", ("2026-02-01", a, b))]
        assert [state["v"] for state in states if state] == [number, number + 100]
    conn.execute("DELETE FROM links")
    audit.restore(version=audit.versions("links", ("2026-02-01", "a|b", "c"))[0].id)
    assert conn.execute("SELECT a, b, v FROM links").fetchall() == [("a|b", "c", 0)]


# --- names that our own statements use ---

OUR_NAMES = [
    "r",
    "live",
    "t",
    "k",
    "s",
    "c",
    "n",
    "e",
    "p",
    "a",
    "l",
    "old",
    "new",
    "source",
    "relation",
    "columns",
    "shape",
    "key",
    "state",
    "value",
    "path",
    "found_row",
    "subject_id",
]


@pytest.mark.parametrize("kind", ["int", "pair"])
@pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ"])
@pytest.mark.parametrize("altered", [False, True])
def test_columns_called_as_our_own_names(
    conn: Conn, audit: Audit, db: str, connect: Connect, kind: str, isolation: str, altered: bool
) -> None:
    conn.execute("CREATE TYPE pair AS (id int, z int)")
    names = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(n), sql.Identifier(kind) if kind == "pair" else sql.SQL(kind))
        for n in OUR_NAMES
    )
    conn.execute(sql.SQL("CREATE TABLE t (id int PRIMARY KEY, b text, {})").format(names))
    audit.install("t", redact=["b"])
    old = connect(db)
    old.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}".encode())
    old.execute("SELECT FROM pg_class LIMIT 1")
    if altered:
        conn.execute("ALTER TABLE t ADD late int")
    value = "(1,2)" if kind == "pair" else "1"
    for key in (1, 2):
        old.execute("INSERT INTO t (id, r, live, s) VALUES (%s, %s, %s, %s)", [key, value, value, value])
    old.execute("UPDATE t SET r = NULL, k = %s WHERE id = 1", [value])
    old.execute("DELETE FROM t WHERE id = 2")
    Audit(old).snapshot("t", 1)
    old.commit()
    audit.baseline("t")
    updated = next(one for one in audit.activity() if one.operation == "U")
    assert set(updated.changes) == {"r", "k"}
    assert {(one.snapshot or {"id": 1})["id"] for one in audit.activity()} == {1, 2}
    gone = next(one for one in audit.activity() if one.operation == "D")
    audit.restore(version=gone.id)
    assert conn.execute("SELECT r::text, live::text, s::text, k FROM t WHERE id = 2").fetchone() == (
        value,
        value,
        value,
        None,
    )
    assert audit.verify_table("t") == []
    conn.execute("TRUNCATE t")
