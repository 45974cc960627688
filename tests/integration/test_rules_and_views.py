"""Rules and views make other statements of a statement: what is recorded is what happened to rows, in whichever table they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from pgaudit_py import Audit, set_actor
from pgaudit_py.errors import RestoreImpossible
from tests.conftest import Conn, Connect

pytestmark = pytest.mark.every_major


@pytest.fixture
def t(conn: Conn, audit: Audit) -> Conn:
    conn.execute(
        """CREATE TABLE t (id int PRIMARY KEY, n int, gone boolean NOT NULL DEFAULT false);
           CREATE TABLE other (id int PRIMARY KEY, n int);
           INSERT INTO t VALUES (1, 1), (2, 2), (3, 3); INSERT INTO other VALUES (1, 10), (2, 20), (3, 30)"""
    )
    audit.install("t")
    audit.install("other")
    return conn


def log(conn: Conn) -> list[tuple[Any, ...]]:
    """Table, operation, key; and n, after an insert, before a deletion, before and after an update."""
    query = """SELECT subject_type, operation, subject_id,
                   coalesce((changes -> 'n' ->> 'old') || '→' || (changes -> 'n' ->> 'new'), snapshot ->> 'n')
               FROM pgaudit_py.activity_log ORDER BY id"""
    return conn.execute(query).fetchall()


# --- rules of the table itself -------------------------------------------------------------------

# The rule, a statement, and what is recorded of it.
RULES: dict[str, tuple[str, str, list[tuple[str, str, str, str]]]] = {
    "nothing": ("ON UPDATE TO t DO INSTEAD NOTHING", "UPDATE t SET n = 5", []),
    "not all": (
        "ON UPDATE TO t WHERE old.id = 2 DO INSTEAD NOTHING",
        "UPDATE t SET n = n + 1",
        [("t", "U", "1", "1→2"), ("t", "U", "3", "3→4")],
    ),
    "elsewhere": (
        "ON UPDATE TO t DO INSTEAD UPDATE other SET n = new.n WHERE id = old.id",
        "UPDATE t SET n = n + 1 WHERE id = 1",
        [("other", "U", "1", "10→2")],
    ),
    "elsewhere too": (
        "ON INSERT TO t DO ALSO INSERT INTO other VALUES (new.id, new.n * 10)",
        "INSERT INTO t VALUES (4, 4), (5, 5)",
        [("t", "I", "4", "4"), ("t", "I", "5", "5"), ("other", "I", "4", "40"), ("other", "I", "5", "50")],
    ),
    "a deletion that marks": (
        "ON DELETE TO t DO INSTEAD UPDATE t SET gone = true, n = -1 WHERE id = old.id",
        "DELETE FROM t WHERE id > 1",
        [("t", "U", "2", "2→-1"), ("t", "U", "3", "3→-1")],
    ),
    "the same table too": (
        "ON UPDATE TO t DO ALSO DELETE FROM t WHERE id = old.id + 1",
        "UPDATE t SET n = 7 WHERE id = 1",
        [("t", "D", "2", "2"), ("t", "U", "1", "1→7")],
    ),
    "several": (
        "ON INSERT TO t DO INSTEAD (UPDATE other SET n = new.n WHERE id = new.id; DELETE FROM other WHERE id = new.id - 1)",
        "INSERT INTO t VALUES (2, 7)",
        [("other", "U", "2", "20→7"), ("other", "D", "1", "10")],
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule(t: Conn, rule: str) -> None:
    definition, statement, expected = RULES[rule]
    t.execute(f"CREATE RULE mine AS {definition}".encode())
    t.execute(statement.encode())
    assert log(t) == expected


def test_a_restore_goes_by_the_rules_as_well(t: Conn, audit: Audit) -> None:
    t.execute("UPDATE t SET n = 5 WHERE id = 1; UPDATE t SET n = 6 WHERE id = 1")
    before = log(t)
    version = audit.versions("t", 1)[0].id
    t.execute(f"CREATE RULE mine AS {RULES['elsewhere too'][0]}".encode())
    t.execute("DELETE FROM t WHERE id = 3; DELETE FROM other WHERE id = 3")
    audit.restore(version=audit.activity(subject="t", action="deleted").items[0].id)
    assert log(t)[-2:] == [("t", "I", "3", "3"), ("other", "I", "3", "30")]
    assert audit.restore(version=version).differs == ()
    assert log(t)[-1] == ("t", "U", "1", "6→5")
    assert before == log(t)[:2]


@pytest.mark.parametrize("rule", ["nothing", "elsewhere"])
def test_a_restore_that_a_rule_stops_is_refused(t: Conn, audit: Audit, rule: str) -> None:
    t.execute("UPDATE t SET n = 5 WHERE id = 1; UPDATE t SET n = 6 WHERE id = 1")
    t.execute(f"CREATE RULE mine AS {RULES[rule][0]}".encode())
    before = log(t)
    with pytest.raises(RestoreImpossible, match="the update of t had no effect"):
        audit.restore(version=audit.versions("t", 1)[0].id)
    assert log(t) == before


# --- views ---------------------------------------------------------------------------------------

# A view v, statements that write through it, and what is recorded of them.
VIEWS: dict[str, tuple[str, str, list[tuple[str, str, str, str]]]] = {
    "of one table": (
        "CREATE VIEW v AS SELECT id AS key, n AS number FROM t WHERE NOT gone",
        """INSERT INTO v VALUES (4, 4); UPDATE v SET number = number + 1 WHERE key IN (1, 4); DELETE FROM v WHERE key = 2;
           INSERT INTO v VALUES (3, 0), (5, 0) ON CONFLICT (key) DO UPDATE SET number = excluded.number""",
        [("t", "I", "4", "4"), ("t", "U", "1", "1→2"), ("t", "U", "4", "4→5"), ("t", "D", "2", "2"),
         ("t", "U", "3", "3→0"), ("t", "I", "5", "0")],
    ),
    "of a view": (
        "CREATE VIEW inner_v AS SELECT * FROM t WHERE n > 1; CREATE VIEW v AS SELECT id, n FROM inner_v WHERE n < 3",
        "UPDATE v SET n = 9; DELETE FROM v; INSERT INTO v VALUES (7, 7)",
        [("t", "U", "2", "2→9"), ("t", "I", "7", "7")],
    ),
    "that checks": (
        "CREATE VIEW v AS SELECT id, n FROM t WHERE n < 5 WITH CHECK OPTION",
        """DO $$BEGIN UPDATE v SET n = n + 3; EXCEPTION WHEN with_check_option_violation THEN UPDATE v SET n = 4 WHERE id = 1; END$$""",
        [("t", "U", "1", "1→4")],
    ),
    "with rules": (
        """CREATE VIEW v AS SELECT id, t.n, other.n AS m FROM t JOIN other USING (id);
           CREATE RULE change AS ON UPDATE TO v DO INSTEAD (UPDATE t SET n = new.n WHERE id = old.id;
                                                            UPDATE other SET n = new.m WHERE id = old.id);
           CREATE RULE go AS ON DELETE TO v DO INSTEAD DELETE FROM other WHERE id = old.id""",
        "UPDATE v SET n = 5, m = 50 WHERE id = 1; DELETE FROM v WHERE id = 2",
        [("t", "U", "1", "1→5"), ("other", "U", "1", "10→50"), ("other", "D", "2", "20")],
    ),
    "with triggers": (
        """CREATE VIEW v AS SELECT id, t.n, other.n AS m FROM t JOIN other USING (id);
           CREATE FUNCTION write_both() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
               IF TG_OP = 'INSERT' THEN INSERT INTO t VALUES (new.id, new.n); INSERT INTO other VALUES (new.id, new.m); RETURN new;
               ELSIF TG_OP = 'UPDATE' THEN UPDATE t SET n = new.n WHERE id = old.id; RETURN new; END IF;
               DELETE FROM other WHERE id = old.id; DELETE FROM t WHERE id = old.id; RETURN old; END$$;
           CREATE TRIGGER write_both INSTEAD OF INSERT OR UPDATE OR DELETE ON v FOR EACH ROW EXECUTE FUNCTION write_both()""",
        "INSERT INTO v VALUES (8, 8, 80); UPDATE v SET n = n + 1 WHERE id = 8; DELETE FROM v WHERE id = 8",
        [("t", "I", "8", "8"), ("other", "I", "8", "80"), ("t", "U", "8", "8→9"), ("other", "D", "8", "80"), ("t", "D", "8", "9")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("view", VIEWS)
def test_a_view(t: Conn, view: str) -> None:
    definition, statements, expected = VIEWS[view]
    t.execute(definition.encode())
    with t.transaction():
        set_actor(t, 7)
        t.execute(statements.encode())
    assert log(t) == expected
    assert t.execute("SELECT DISTINCT causer_id FROM pgaudit_py.activity_log").fetchall() == [("7",)]


def test_copy_and_merge_through_a_view(t: Conn) -> None:
    t.execute(VIEWS["with triggers"][0].encode())
    with t.cursor() as cursor, cursor.copy("COPY v FROM STDIN") as copy:
        copy.write("8\t8\t80\n9\t9\t90\n")
    expected = [
        ("t", "I", "8", "8"),
        ("other", "I", "8", "80"),
        ("t", "I", "9", "9"),
        ("other", "I", "9", "90"),
    ]
    assert log(t) == expected
    if t.info.server_version >= 170000:  # which lets a MERGE write through a view
        t.execute(
            """MERGE INTO v USING (VALUES (8, 1), (9, 2), (10, 3)) AS s (id, n) ON v.id = s.id
               WHEN MATCHED AND s.n = 1 THEN UPDATE SET n = 1 WHEN MATCHED THEN DELETE
               WHEN NOT MATCHED THEN INSERT VALUES (s.id, 3, 4)"""
        )
        assert log(t)[4:] == [
            ("t", "U", "8", "8→1"), ("other", "D", "9", "90"), ("t", "D", "9", "9"), ("t", "I", "10", "3"), ("other", "I", "10", "4"),
        ]  # fmt: skip


@pytest.mark.parametrize("invoker", [False, True])
def test_whoever_writes_through_a_view_is_named(
    t: Conn, audit: Audit, db: str, connect: Connect, role: Callable[[], str], invoker: bool
) -> None:
    """Where a view's rights are its owner's, the owner acts as nobody: the one who logged in is recorded."""
    user, owner = role(), role()
    t.execute(
        f"""CREATE VIEW v WITH (security_invoker = {invoker}) AS SELECT id, n FROM t; ALTER VIEW v OWNER TO {owner};
            GRANT SELECT, UPDATE ON t TO {user if invoker else owner}; GRANT SELECT, UPDATE ON v TO {user}""".encode()
    )
    theirs = connect(db, user=user, autocommit=True)
    theirs.execute("UPDATE v SET n = 5 WHERE id = 1")
    if not invoker:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            theirs.execute("UPDATE t SET n = 5 WHERE id = 1")
    (one,) = audit.activity()
    assert (one.subject_type, one.db_role, one.set_role) == ("t", user, None)
    for name in (user, owner):
        t.execute(f"DROP OWNED BY {name} CASCADE".encode())
