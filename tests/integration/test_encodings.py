"""Databases of other encodings than UTF-8: every write is recorded, and read and restored by the byte."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from psycopg import sql

from pgaudit_py import Audit, set_actor
from pgaudit_py.cli import main
from pgaudit_py.embedded import EmbeddedServer
from pgaudit_py.errors import OptionError
from tests.conftest import Conn, Connect, contradictions

pytestmark = pytest.mark.every_major

_numbers = count()


@pytest.fixture
def encoded(server: EmbeddedServer, admin: Conn, connect: Connect) -> Iterator[Callable[[str], str]]:
    """Make databases of an encoding, and give their connection strings."""
    made: dict[str, str] = {}

    def make(encoding: str) -> str:
        name = f"encoded_{os.getpid()}_{next(_numbers)}"
        create = sql.SQL("CREATE DATABASE {} ENCODING {} LOCALE 'C' TEMPLATE template0")
        admin.execute(create.format(sql.Identifier(name), encoding))
        made[name] = encoding
        return server.dsn(name)

    yield make
    for name, encoding in made.items():
        readable = "LATIN1" if encoding == "SQL_ASCII" else "UTF8"
        with connect(server.dsn(name), autocommit=True, client_encoding=readable) as conn:
            assert contradictions(conn) == []
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


CREATE = "CREATE TABLE t (id int PRIMARY KEY, title text, doc json)"


def bytes_of(conn: Conn) -> object:
    """The one row, by its bytes."""
    query = "SELECT convert_to(title, 'SQL_ASCII'), convert_to(doc::text, 'SQL_ASCII') FROM t WHERE id = 1"
    return conn.execute(query).fetchall()[0]


PAIRS = [("LATIN1", "UTF8"), ("LATIN1", None), ("WIN1252", "UTF8"), ("EUC_JP", "UTF8"), ("EUC_JP", None),
         ("SQL_ASCII", "UTF8"), ("SQL_ASCII", "LATIN1"), ("SQL_ASCII", None), ("UTF8", "SQL_ASCII")]  # fmt: skip


@pytest.mark.parametrize(("encoding", "client"), PAIRS)
def test_from_an_empty_database(
    encoded: Callable[[str], str], connect: Connect, encoding: str, client: str | None
) -> None:
    """Installing, writing, reading and restoring, whatever the connection speaks; without a client encoding, as the server."""
    dsn = encoded(encoding)
    conn = connect(dsn, autocommit=True, **({"client_encoding": client} if client else {}))
    audit = Audit(conn)
    assert audit.migrate().migrations
    conn.execute(CREATE)
    assert audit.install("t").outcome == "installed"
    with conn.transaction():
        set_actor(conn, "bob", user_agent="agent")
        conn.execute("""INSERT INTO t VALUES (1, 'tea', '"\\u20ac"')""")
    conn.execute("UPDATE t SET title = 'mate', doc = '[1]'")
    created, updated = audit.history("t", 1)
    assert (created.causer, created.state) == ("bob", {"id": 1, "title": "tea", "doc": '"\\u20ac"'})
    assert updated.changes["doc"].old == '"\\u20ac"'
    audit.restore(version=created.id)
    assert bytes_of(conn) == (b"tea", b'"\\u20ac"')
    assert audit.log("published", ("t", 1), metadata={"by": "bob"})
    assert audit.verify_table("t") == []


def test_texts_of_the_databases_encoding(encoded: Callable[[str], str], connect: Connect) -> None:
    """Through connections of the same and of another encoding."""
    dsn = encoded("LATIN1")
    conn = connect(dsn, autocommit=True)
    Audit(conn).migrate()
    conn.execute(CREATE)
    Audit(conn).install("t")
    conn.execute("""INSERT INTO t VALUES (1, 'café', '{"é": "ÿ"}')""")
    conn.execute("UPDATE t SET title = 'thé', doc = NULL")
    for client in ("LATIN1", "UTF8"):
        theirs = connect(dsn, autocommit=True, client_encoding=client)
        created, *_ = Audit(theirs).history("t", 1)
        assert created.state == {"id": 1, "title": "café", "doc": '{"é": "ÿ"}'}
        assert Audit(theirs).activity(field="title").items[0].changes["title"].new == "thé"
        assert Audit(theirs).restore(version=created.id).differs == ()
        assert bytes_of(theirs) == ("café".encode("latin1"), '{"é": "ÿ"}'.encode("latin1"))
        theirs.execute("UPDATE t SET title = 'thé', doc = NULL")


@pytest.fixture
def raw(encoded: Callable[[str], str], connect: Connect) -> tuple[str, Conn]:
    """A database that checks nothing, with bytes that are no UTF-8."""
    dsn = encoded("SQL_ASCII")
    conn = connect(dsn, autocommit=True)
    Audit(conn).migrate()
    conn.execute(CREATE)
    Audit(conn).install("t")
    conn.execute(b"INSERT INTO t VALUES (1, E'caf\\351', '[\"\xff\"]')")
    conn.execute(b"UPDATE t SET title = E'\\377\\376', doc = NULL")
    conn.execute(b"ALTER TABLE t ADD late text DEFAULT E'\\200'")
    conn.execute(b"UPDATE t SET doc = E'\"\\377\"'")
    conn.execute("UPDATE t SET title = 'plain'")
    conn.execute("INSERT INTO t VALUES (2, 'tea', NULL, NULL)")
    return dsn, conn


def test_bytes_that_are_no_text_are_recorded(raw: tuple[str, Conn], connect: Connect) -> None:
    dsn, conn = raw
    assert Audit(conn).verify_table("t") == []
    in_sql = "SELECT convert_to(state ->> 'title', 'SQL_ASCII') FROM pgaudit_py.history('t', '1') ORDER BY id"
    assert conn.execute(in_sql).fetchall() == [
        (b"caf\xe9",),
        (b"\xff\xfe",),
        (b"\xff\xfe",),
        (b"plain",),
    ]
    every_byte = Audit(connect(dsn, autocommit=True, client_encoding="LATIN1"))
    created, updated, drifted, _plain = every_byte.history("t", 1)
    states = [one.state or {} for one in (created, updated, drifted)]
    assert [state["title"] for state in states] == ["caf\xe9", "\xff\xfe", "\xff\xfe"]
    assert (states[2]["doc"], states[2]["late"]) == ('"\xff"', "\x80")
    every_byte.restore(version=created.id)
    assert bytes_of(conn) == (b"caf\xe9", b'["\xff"]')


@pytest.mark.parametrize("client", ["SQL_ASCII", "UTF8"])
def test_bytes_that_are_no_text_cannot_be_read_and_the_error_says_how(
    raw: tuple[str, Conn], connect: Connect, client: str, capsys: pytest.CaptureFixture[str]
) -> None:
    dsn, _ = raw
    audit = Audit(connect(dsn, autocommit=True, client_encoding=client))
    for read in (audit.activity, lambda: audit.history("t", 1)):
        with pytest.raises(OptionError, match="client_encoding='LATIN1'"):
            read()
    assert audit.history("t", 2)[0].state == {"id": 2, "title": "tea", "doc": None, "late": None}
    with pytest.raises(SystemExit, match="1"):
        main(["--dsn", dsn, "history", "t", "1"])
    said = capsys.readouterr().err.splitlines()
    assert (said[0].startswith("error: invalid byte sequence"), len(said)) == (True, 2)
