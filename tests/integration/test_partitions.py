"""A partitioned table is one table: whatever happens to a row, in whichever partition, is recorded once under its root's name."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from pgaudit_py import Audit
from pgaudit_py.embedded import EmbeddedServer
from pgaudit_py.errors import TableNotAuditable
from tests.conftest import Conn, Connect, Reload, Run, contradictions

pytestmark = pytest.mark.every_major

REGIONS = """
    CREATE TABLE places (id int NOT NULL, region text NOT NULL, n int, doc jsonb, gone int, PRIMARY KEY (id, region))
        PARTITION BY LIST (region);
    ALTER TABLE places DROP COLUMN gone;
    CREATE TABLE places_eu PARTITION OF places FOR VALUES IN ('de', 'fr') PARTITION BY LIST (region);
    CREATE TABLE places_de PARTITION OF places_eu FOR VALUES IN ('de');
    CREATE TABLE places_fr (doc jsonb, n int, old text, region text NOT NULL, id int NOT NULL);  -- other numbers
    ALTER TABLE places_fr DROP COLUMN old;
    ALTER TABLE places_eu ATTACH PARTITION places_fr FOR VALUES IN ('fr');
    CREATE TABLE places_rest PARTITION OF places DEFAULT;
"""


@pytest.fixture
def places(conn: Conn, audit: Audit) -> Conn:
    conn.execute(REGIONS)
    audit.install("places", key=["id"])
    return conn


def log(conn: Conn) -> list[tuple[Any, ...]]:
    query = """SELECT operation, subject_id, substr(metadata ->> '_partition', 8) FROM pgaudit_py.activity_log
        WHERE subject_type = 'places' ORDER BY id"""
    return conn.execute(query).fetchall()


def test_each_way_into_a_partition_is_recorded_once(places: Conn, audit: Audit) -> None:
    places.execute("INSERT INTO places VALUES (1, 'de', 0, '{}'), (2, 'us', 0, NULL)")
    places.execute("INSERT INTO places_fr (id, region, n) VALUES (3, 'fr', 0)")
    with places.cursor().copy("COPY places_eu (id, region, n) FROM STDIN") as copy:
        copy.write_row((4, "de", 0))
    places.execute("UPDATE places SET n = 1 WHERE id = 1")
    places.execute("UPDATE ONLY places_fr SET n = 1")
    places.execute("DELETE FROM places_de WHERE id = 4")
    assert log(places) == [
        ("I", "1", "places_de"), ("I", "2", "places_rest"), ("I", "3", "places_fr"), ("I", "4", "places_de"),
        ("U", "1", "places_de"), ("U", "3", "places_fr"), ("D", "4", "places_de"),
    ]  # fmt: skip
    assert places.execute(
        "SELECT count(*) FROM pgaudit_py.activity_log WHERE metadata ? '_drift'"
    ).fetchone() == (0,)
    (status,) = audit.status()
    assert (status.state, status.table) == ("installed", "public.places")
    assert audit.install("places").outcome == "unchanged"


def test_a_move_is_one_change_of_one_record(places: Conn, audit: Audit) -> None:
    places.execute("INSERT INTO places VALUES (1, 'de', 0, '{}'), (2, 'de', 0, '{}')")
    places.execute("UPDATE places SET region = 'fr', n = 1 WHERE id = 1")
    places.execute("UPDATE places SET region = 'us' WHERE id IN (1, 2)")
    places.execute("UPDATE places SET n = 7")
    history = audit.history("places", 1)
    assert [(one.action, one.changes and set(one.changes)) for one in history] == [
        ("created", {}), ("updated", {"region", "n"}), ("updated", {"region"}), ("updated", {"n"}),
    ]  # fmt: skip
    assert [one.state and one.state["region"] for one in history] == ["de", "fr", "us", "us"]


def test_a_merge_that_moves_updates_deletes_and_inserts(places: Conn, audit: Audit) -> None:
    places.execute("INSERT INTO places SELECT i, 'de', i FROM generate_series(1, 40) AS i")
    places.execute("""
        MERGE INTO places AS p USING generate_series(1, 50) AS s(i) ON p.id = s.i
        WHEN MATCHED AND i <= 10 THEN UPDATE SET region = 'fr'
        WHEN MATCHED AND i <= 20 THEN UPDATE SET n = -i
        WHEN MATCHED AND i <= 30 THEN DELETE
        WHEN NOT MATCHED THEN INSERT VALUES (i, 'us', 0)""")
    count = "SELECT operation, count(*) FROM pgaudit_py.activity_log WHERE id > 40 GROUP BY 1 ORDER BY 1"
    assert places.execute(count).fetchall() == [("D", 20), ("I", 20), ("U", 10)]
    lives = [len(audit.history("places", key)) for key in (5, 15, 25, 35, 45)]
    assert lives == [2, 2, 2, 1, 1]


def test_moves_there_and_back_in_one_transaction(places: Conn, audit: Audit) -> None:
    with places.transaction():
        places.execute("INSERT INTO places VALUES (1, 'de', 0)")
        for region in ("fr", "de", "us", "fr", "de"):
            places.execute("UPDATE places SET region = %s, n = n + 1", [region])
            places.execute("UPDATE places SET n = n + 1")
    history = audit.history("places", 1)
    assert [one.state and (one.state["region"], one.state["n"]) for one in history] == [
        ("de", 0), ("fr", 1), ("fr", 2), ("de", 3), ("de", 4), ("us", 5), ("us", 6), ("fr", 7), ("fr", 8), ("de", 9), ("de", 10),
    ]  # fmt: skip
    assert {one.life for one in history} == {1}


def test_with_the_partition_key_in_the_key_a_move_ends_one_record_and_begins_another(
    conn: Conn, audit: Audit
) -> None:
    conn.execute(REGIONS)
    assert audit.install("places").key == ("id", "region")
    conn.execute("INSERT INTO places VALUES (1, 'de', 0)")
    conn.execute("UPDATE places SET region = 'fr'")
    assert [one.action for one in audit.history("places", [1, "de"])] == ["created", "deleted"]
    assert [one.action for one in audit.history("places", [1, "fr"])] == ["created"]


def test_partitions_that_come_later(places: Conn, audit: Audit) -> None:
    places.execute("CREATE TABLE places_us PARTITION OF places FOR VALUES IN ('usa')")
    places.execute("CREATE TABLE places_jp (n int, region text NOT NULL, doc jsonb, id int NOT NULL)")
    places.execute("INSERT INTO places_jp (id, region) VALUES (9, 'jp')")  # not audited yet
    places.execute("ALTER TABLE places ATTACH PARTITION places_jp FOR VALUES IN ('jp')")
    places.execute("INSERT INTO places VALUES (1, 'usa', 0), (2, 'jp', 0)")
    places.execute("UPDATE places SET n = 5")
    assert [one[:2] for one in log(places)][:2] == [("I", "1"), ("I", "2")]
    assert sorted(one[:2] for one in log(places)[2:]) == [("U", "1"), ("U", "2"), ("U", "9")]
    enabled = """SELECT DISTINCT tgenabled FROM pg_trigger WHERE tgname = '00_pgaudit_py'"""
    assert places.execute(enabled).fetchall() == [("A",)]
    (status,) = audit.status()
    assert status.state == "missing"
    assert {one.detail for one in status.findings} == {
        "a TRUNCATE of its partition public.places_jp may not be recorded",
        "a TRUNCATE of its partition public.places_us may not be recorded",
    }
    assert audit.sync("places").outcome == "updated"
    assert audit.status()[0].state == "installed"
    places.execute("TRUNCATE places_jp")
    assert [one[:2] for one in log(places)][-3:] == [("D", "9"), ("D", "2"), ("T", None)]


def test_truncate_of_the_root_and_of_a_leaf(places: Conn, audit: Audit) -> None:
    places.execute("INSERT INTO places VALUES (1, 'de', 0), (2, 'fr', 0), (3, 'us', 0)")
    places.execute("TRUNCATE places_fr")
    places.execute("INSERT INTO places VALUES (2, 'fr', 1)")
    assert [one.action for one in audit.history("places", 1)] == ["created"]
    assert [(one.life, one.action) for one in audit.history("places", 2)] == [
        (1, "created"), (1, "deleted"), (2, "created"),
    ]  # fmt: skip
    places.execute(
        "CREATE TABLE places_us PARTITION OF places FOR VALUES IN ('usa')"
    )  # has no trigger for it
    places.execute("INSERT INTO places VALUES (4, 'usa', 0)")
    before = len(log(places))
    places.execute("TRUNCATE places")
    assert sorted((o, s or "", p) for o, s, p in log(places)[before:]) == [
        ("D", "1", "places_de"), ("D", "2", "places_fr"), ("D", "3", "places_rest"), ("D", "4", "places_us"),
        ("T", "", "places_de"), ("T", "", "places_fr"), ("T", "", "places_rest"), ("T", "", "places_us"),
    ]  # fmt: skip
    partition = "SELECT DISTINCT metadata ->> '_partition' FROM pgaudit_py.activity_log WHERE operation = 'T' ORDER BY 1"
    assert places.execute(partition).fetchall() == [
        (f"public.places_{name}",) for name in ("de", "fr", "rest", "us")
    ]


def test_a_truncate_beyond_the_limit_ends_just_those_of_its_partition(places: Conn, audit: Audit) -> None:
    audit.install("places", truncate_rows=0)
    places.execute("INSERT INTO places VALUES (1, 'de', 0), (2, 'fr', 0), (3, 'de', 0)")
    places.execute("UPDATE places SET region = 'us' WHERE id = 3")
    places.execute("TRUNCATE places_de")
    assert [one.action for one in audit.history("places", 1)] == ["created", "truncated"]
    assert [one.action for one in audit.history("places", 2)] == ["created"]
    assert [one.action for one in audit.history("places", 3)] == ["created", "updated"]


def test_keyless(conn: Conn, audit: Audit) -> None:
    conn.execute("""CREATE TABLE places (region text, n int) PARTITION BY LIST (region);
        CREATE TABLE places_a PARTITION OF places FOR VALUES IN ('a');
        CREATE TABLE places_b PARTITION OF places FOR VALUES IN ('b')""")
    audit.install("places")
    conn.execute("INSERT INTO places VALUES ('a', 1), ('a', 1), ('b', 1)")
    conn.execute("UPDATE places SET region = 'b' WHERE ctid = '(0,1)' AND region = 'a'")
    conn.execute("TRUNCATE places_a")
    assert [one[0] for one in log(conn)] == ["I", "I", "I", "D", "I", "D", "T"]
    assert contradictions(conn) == []
    conn.execute("ALTER TABLE places_b DISABLE TRIGGER ALL")
    conn.execute("DELETE FROM places_b WHERE ctid = '(0,1)'")
    assert len(contradictions(conn)) == 1
    conn.execute("INSERT INTO places_b VALUES ('b', 1)")


def test_restore_across_partitions(places: Conn, audit: Audit) -> None:
    places.execute("INSERT INTO places VALUES (1, 'de', 0, '[1.0]'), (2, 'fr', 0, NULL)")
    places.execute("UPDATE places SET region = 'us', doc = NULL WHERE id = 1")
    places.execute("DELETE FROM places WHERE id = 2")
    first = audit.history("places", 1)[0]
    audit.restore(audit.plan_restore(version=first.id))
    audit.restore(audit.plan_restore(version=audit.history("places", 2)[0].id))
    rows = "SELECT tableoid::regclass::text, id, region, n, doc::text FROM places ORDER BY id"
    assert places.execute(rows).fetchall() == [
        ("places_de", 1, "de", 0, "[1.0]"),
        ("places_fr", 2, "fr", 0, None),
    ]
    assert [one.action for one in audit.history("places", 1)] == ["created", "updated", "restored"]
    # A row of another partition at the same address is left alone.
    places.execute("INSERT INTO places VALUES (3, 'us', 0), (4, 'usa', 0)")
    places.execute("UPDATE places SET n = 1 WHERE id = 2")
    audit.restore(audit.plan_restore(version=audit.history("places", 2)[-2].id))
    assert places.execute("SELECT id, n FROM places WHERE n <> 0").fetchall() == []


def test_snapshots_and_baselines(conn: Conn, audit: Audit) -> None:
    conn.execute(REGIONS)
    conn.execute(
        "INSERT INTO places SELECT i, (ARRAY['de', 'fr', 'us'])[i % 3 + 1], i FROM generate_series(1, 100) AS i"
    )
    audit.install("places", key=["id"])
    conn.execute("UPDATE places SET n = 0 WHERE id = 7")
    batch = "SELECT read, total, done FROM pgaudit_py.baseline_batch('places', 7)"
    assert conn.execute(batch).fetchone() == (7, 7, False)
    assert audit.baseline("places").rows == 93
    version = audit.snapshot("places", 7, label="before")
    conn.execute("UPDATE places SET region = 'fr' WHERE id <= 10")
    conn.execute("UPDATE places SET n = -n")
    state = audit.version(version)
    assert state is not None
    assert (state["region"], state["n"]) == ("fr" if 7 % 3 == 1 else "us", 0)
    leaves = """SELECT count(*) FROM pgaudit_py.activity_log
        WHERE operation = 'S' AND metadata ->> '_partition' IN ('public.places_de', 'public.places_fr', 'public.places_rest')"""
    assert conn.execute(leaves).fetchone() == (101,)
    now = audit.record_at("places", 3, at=datetime.now(UTC))
    assert now is not None
    assert now["region"] == "fr"


@pytest.mark.parametrize(
    "how",
    [
        "ALTER TABLE places_eu DETACH PARTITION places_de",
        "ALTER TABLE places_eu DETACH PARTITION places_de CONCURRENTLY",
        "DROP TABLE places_de",
    ],
)
def test_records_leave_with_their_partition(places: Conn, audit: Audit, how: str) -> None:
    places.execute("INSERT INTO places VALUES (1, 'de', 0), (2, 'fr', 0), (3, 'de', 0)")
    places.execute("UPDATE places SET region = 'us' WHERE id = 3")
    places.execute("ALTER TABLE places_fr RENAME TO places_france")
    places.execute(how.encode())
    (status,) = audit.status()
    assert status.state == "drifted"
    assert "public.places_de is no longer its partition" in status.findings[0].detail
    assert {one.problem for one in audit.verify_table("places")} == {"the row is missing"}
    if "DETACH" in how:
        places.execute("BEGIN; TRUNCATE places_de; ROLLBACK")
        places.execute(
            "INSERT INTO places_de (id, region) VALUES (9, 'de'); TRUNCATE places_de"
        )  # nobody's any more
    assert audit.sync("places").outcome == "updated"
    assert audit.status()[0].state == "installed"
    assert places.execute(
        "SELECT count(*) FROM pgaudit_py.activity_log WHERE operation = 'T'"
    ).fetchone() == (1,)
    assert [one.action for one in audit.history("places", 1)] == ["created", "detached"]
    assert [one.action for one in audit.history("places", 2)] == ["created"]
    assert [one.action for one in audit.history("places", 3)] == ["created", "updated"]
    assert audit.sync("places").outcome == "unchanged"
    assert audit.verify_table("places") == []


def test_columns_that_come_and_go(places: Conn, audit: Audit) -> None:
    places.execute("INSERT INTO places VALUES (1, 'de', 0), (2, 'fr', 0)")
    places.execute("UPDATE places SET n = 1")  # each partition's check is remembered
    places.execute("ALTER TABLE places ADD COLUMN color text DEFAULT 'red'")
    places.execute("UPDATE places SET color = 'blue'")
    places.execute("ALTER TABLE places RENAME COLUMN n TO number")
    places.execute("UPDATE places SET number = 2")
    places.execute("ALTER TABLE places ALTER COLUMN number TYPE text")
    places.execute("UPDATE places SET number = 'three'")
    places.execute("ALTER TABLE places DROP COLUMN doc")
    places.execute("UPDATE places SET region = 'us'")
    for key in (1, 2):
        states = [one.state or {} for one in audit.history("places", key)]
        assert [one.get("number", one.get("n")) for one in states] == [0, 1, 1, 2, "three", "three"]
    audit.sync("places")
    places.execute("UPDATE places SET color = NULL")
    drifts = "SELECT metadata ? '_drift' FROM pgaudit_py.activity_log ORDER BY id DESC LIMIT 1"
    assert places.execute(drifts).fetchone() == (False,)


def test_whoever_disables_the_trigger_of_a_partition_is_found(places: Conn, audit: Audit) -> None:
    places.execute('ALTER TABLE places_de DISABLE TRIGGER "00_pgaudit_py"')
    (status,) = audit.status()
    assert (status.state, len(status.findings)) == ("missing", 1)
    audit.sync("places")
    assert audit.status()[0].state == "installed"
    places.execute("INSERT INTO places VALUES (1, 'de', 0)")
    assert log(places) == [("I", "1", "places_de")]


def test_uninstall_leaves_nothing_behind(places: Conn, audit: Audit) -> None:
    audit.uninstall("places")
    assert places.execute("SELECT count(*) FROM pg_trigger WHERE tgname LIKE '00%'").fetchone() == (0,)
    places.execute("INSERT INTO places VALUES (1, 'de', 0)")
    audit.install("places", key=["id"])
    places.execute("UPDATE places SET n = 1")
    assert log(places) == [("U", "1", "places_de")]


def test_what_is_refused_and_why(places: Conn, audit: Audit) -> None:
    with pytest.raises(
        TableNotAuditable, match=r"public\.places_de is a partition of public\.places"
    ) as refused:
        audit.install("places_de")
    assert "Audit public.places" in str(refused.value.hint)
    audit.uninstall("places")
    places.execute("CREATE TABLE places_jp (LIKE places INCLUDING INDEXES)")
    audit.install("places_jp")
    places.execute("ALTER TABLE places ATTACH PARTITION places_jp FOR VALUES IN ('jp')")
    with pytest.raises(
        TableNotAuditable, match=r"its partition public\.places_jp is audited on its own"
    ) as refused:
        audit.install("places", key=["id"])
    assert "uninstall --table public.places_jp" in str(refused.value.hint)
    audit.uninstall("places_jp")
    audit.install("places", key=["id"])


def test_a_table_that_is_audited_cannot_become_a_partition_of_one_that_is(places: Conn, audit: Audit) -> None:
    places.execute("CREATE TABLE places_jp (LIKE places INCLUDING INDEXES)")
    audit.install("places_jp")
    with pytest.raises(psycopg.errors.DuplicateObject, match='trigger "00_pgaudit_py"'):
        places.execute("ALTER TABLE places ATTACH PARTITION places_jp FOR VALUES IN ('jp')")


def test_a_dump_is_recorded_and_synced(places: Conn, audit: Audit, db: str, reload: Reload) -> None:
    places.execute("INSERT INTO places VALUES (1, 'de', 0, '{}'), (2, 'fr', 0, '{}')")
    places.execute("UPDATE places SET n = 1")
    loaded = reload(db)
    loaded.execute("UPDATE places SET n = 2")
    loaded.execute("UPDATE places SET region = 'us'")
    there = Audit(loaded)
    assert there.status()[0].state in {"outdated", "drifted"}
    there.sync("places")
    loaded.execute("UPDATE places SET region = 'fr'")
    assert contradictions(loaded) == []
    assert [one.action for one in there.history("places", 1)] == ["created", *["updated"] * 4]
    plan = there.plan_restore(version=there.history("places", 1)[0].id)
    assert there.restore(plan).operation == "update"


def test_by_script(conn: Conn, run: Run, db: str, server: EmbeddedServer) -> None:
    conn.execute(REGIONS)
    psql = [str(server.tool("psql")), "-X", "-q", "-d", db]

    def run_script(*arguments: str) -> str:
        code, script, err = run(*arguments, "--sql")
        assert code == 0, err
        return subprocess.run(psql, input=script, text=True, capture_output=True, check=False, cwd="/").stderr

    assert run_script("install", "--table", "places", "--key", "id") == ""
    assert run("status")[0] == 0
    _, stale, _ = run("uninstall", "--table", "places", "--yes", "--sql")
    conn.execute("CREATE TABLE places_jp PARTITION OF places FOR VALUES IN ('jp')")
    assert run("status")[0] == 3
    assert run_script("sync", "--table", "places") == ""
    refused = subprocess.run(psql, input=stale, text=True, capture_output=True, check=False, cwd="/").stderr
    assert "the audit trail of places is not as it was when this was made" in refused
    assert run_script("uninstall", "--table", "places", "--yes") == ""
    assert conn.execute("SELECT count(*) FROM pg_trigger WHERE tgname LIKE '00%'").fetchone() == (0,)


class TestInheritance:
    """A table that inherits from another one is one of its own."""

    @pytest.fixture
    def family(self, conn: Conn, audit: Audit) -> Conn:
        conn.execute("CREATE TABLE parent (id int PRIMARY KEY, n int)")
        conn.execute("CREATE TABLE child (PRIMARY KEY (id), more text) INHERITS (parent)")
        audit.install("parent")
        return conn

    def test_rows_are_recorded_where_they_are(self, family: Conn, audit: Audit) -> None:
        (status,) = audit.status()
        assert status.state == "limited"
        assert "rows of public.child, which inherits from it, are not recorded" in status.findings[0].detail
        audit.install("child")
        assert {one.state for one in audit.status()} == {"installed"}
        family.execute("INSERT INTO parent VALUES (1, 0)")
        family.execute("INSERT INTO child VALUES (1, 0, 'x')")
        family.execute("UPDATE parent SET n = 1")
        family.execute("ALTER TABLE parent ADD COLUMN late int DEFAULT 3")
        family.execute("UPDATE parent SET late = 4, n = 2 WHERE id = 1")
        for name in ("parent", "child"):
            history = audit.history(name, 1)
            assert [one.action for one in history] == ["created", "updated", "updated"]
            assert history[-1].changes is not None
            assert set(history[-1].changes) == {"late", "n"}
            audit.restore(audit.plan_restore(version=history[0].id))
        assert family.execute("SELECT n FROM parent").fetchall() == [(0,), (0,)]
        family.execute("TRUNCATE parent")
        assert [one.action for one in audit.history("child", 1)][-1] == "deleted"

    def test_a_child_that_comes_later_is_told(self, family: Conn, audit: Audit) -> None:
        audit.install("child")
        family.execute("CREATE TABLE late () INHERITS (parent)")
        assert [one.state for one in audit.status()] == ["installed", "limited"]
        assert audit.install("parent").outcome == "unchanged"


def test_hash_partitions_an_identity_and_upserts(conn: Conn, audit: Audit) -> None:
    identity = "GENERATED ALWAYS AS IDENTITY" if conn.info.server_version >= 170000 else "DEFAULT 0"
    conn.execute(
        f"""CREATE TABLE t (k text PRIMARY KEY, n int, number int {identity}) PARTITION BY HASH (k);
        CREATE TABLE t_0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);
        CREATE TABLE t_1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1)""".encode()
    )
    audit.install("t")
    conn.execute("INSERT INTO t (k, n) SELECT 'k' || i, 0 FROM generate_series(1, 10) AS i")
    conn.execute(
        "INSERT INTO t (k, n) SELECT 'k' || i, 1 FROM generate_series(6, 15) AS i ON CONFLICT (k) DO UPDATE SET n = 5"
    )
    conn.execute("UPDATE t SET k = k || '!' WHERE n = 5")  # to other partitions, or to where they are
    count = "SELECT operation, count(*) FROM pgaudit_py.activity_log WHERE id <= 20 GROUP BY 1 ORDER BY 1"
    assert conn.execute(count).fetchall() == [("I", 15), ("U", 5)]
    conn.execute("DELETE FROM t WHERE k = 'k1'")
    audit.restore(version=audit.versions("t", "k1")[-1].id)
    assert conn.execute("SELECT n FROM t WHERE k = 'k1'").fetchall() == [(0,)]


def test_foreign_keys_cascade_through_partitions(conn: Conn, audit: Audit) -> None:
    conn.execute("""CREATE TABLE owner (id int PRIMARY KEY);
        CREATE TABLE thing (id int, owner_id int REFERENCES owner ON DELETE CASCADE ON UPDATE CASCADE, PRIMARY KEY (id, owner_id))
            PARTITION BY RANGE (owner_id);
        CREATE TABLE thing_low PARTITION OF thing FOR VALUES FROM (0) TO (10);
        CREATE TABLE thing_high PARTITION OF thing FOR VALUES FROM (10) TO (20)""")
    audit.install("owner")
    audit.install("thing", key=["id"])
    conn.execute("INSERT INTO owner VALUES (1), (2); INSERT INTO thing VALUES (1, 1), (2, 1), (3, 2)")
    conn.execute("UPDATE owner SET id = 11 WHERE id = 1")
    assert [one.action for one in audit.history("thing", 1)] == ["created", "updated"]
    conn.execute("DELETE FROM owner WHERE id = 11")
    assert [one.action for one in audit.history("thing", 1)] == ["created", "updated", "deleted"]
    assert [one.action for one in audit.history("thing", 3)] == ["created"]


def test_an_application_trigger_that_moves_the_row(places: Conn, audit: Audit) -> None:
    places.execute("""
        CREATE FUNCTION after_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            UPDATE places SET region = 'us', n = n + 100 WHERE id = NEW.id AND n < 100; RETURN NULL; END $$;
        CREATE TRIGGER app AFTER INSERT OR UPDATE ON places FOR EACH ROW EXECUTE FUNCTION after_change();
        INSERT INTO places VALUES (1, 'de', 0), (2, 'fr', 1)""")
    for key in (1, 2):
        assert [one.action for one in audit.history("places", key)] == ["created", "updated"]


@pytest.mark.parametrize("policy", ["places", "places_de"])
def test_row_security_hides_no_row_from_the_triggers(
    role: Callable[[], str], places: Conn, audit: Audit, connect: Connect, db: str, policy: str
) -> None:
    name = role()
    places.execute(
        f"""GRANT SELECT, INSERT, UPDATE, DELETE ON places, places_de TO {name};
        ALTER TABLE {policy} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY first_only ON {policy} USING (id = 1) WITH CHECK (true);
        INSERT INTO places VALUES (1, 'de', 0), (2, 'de', 0)""".encode()
    )
    connect(db, user=name, autocommit=True).execute(f"UPDATE {policy} SET n = 1".encode())
    assert [one.action for one in audit.history("places", 1)] == ["created", "updated"]
    assert [one.action for one in audit.history("places", 2)] == ["created"]


def test_a_foreign_partition_takes_its_rows(places: Conn, audit: Audit, db: str) -> None:
    try:
        places.execute("CREATE EXTENSION postgres_fdw")
    except psycopg.errors.Error as error:
        pytest.skip(f"this server has no postgres_fdw: {error}")
    where = conninfo_to_dict(db)
    places.execute("CREATE TABLE far (id int NOT NULL, region text NOT NULL, n int, doc jsonb)")
    places.execute(
        f"""
        CREATE SERVER here FOREIGN DATA WRAPPER postgres_fdw
            OPTIONS (host '{where["host"]}', port '{where["port"]}', dbname '{where["dbname"]}');
        CREATE USER MAPPING FOR CURRENT_USER SERVER here OPTIONS (user '{where["user"]}');
        CREATE TABLE lists (id int NOT NULL, region text NOT NULL, n int) PARTITION BY LIST (region);
        CREATE FOREIGN TABLE lists_far PARTITION OF lists FOR VALUES IN ('far') SERVER here OPTIONS (table_name 'far');
        CREATE TABLE lists_near PARTITION OF lists DEFAULT""".encode()
    )
    audit.install("lists")
    places.execute("INSERT INTO lists VALUES (1, 'far', 0), (2, 'near', 0)")
    places.execute("UPDATE lists SET n = 1")
    places.execute(
        "UPDATE lists SET region = 'near' WHERE id = 1"
    )  # which moves no row out of a foreign table
    places.execute("DELETE FROM lists")
    operations = "SELECT string_agg(operation::text, '' ORDER BY id) FROM pgaudit_py.activity_log WHERE subject_type = 'lists'"
    assert places.execute(operations).fetchone() == ("IIUUUDD",)
    assert audit.status()[0].state == "installed"
    # Its rows are not read: that would be with the rights of the log's owner, on a server that somebody else chose.
    places.execute("INSERT INTO lists VALUES (1, 'far', 0), (2, 'near', 0); TRUNCATE lists")
    assert places.execute(operations).fetchone() in {("IIUUUDDIITDT",), ("IIUUUDDIIDTT",)}
    assert places.execute("SELECT count(*) FROM far").fetchone() == (0,)
    audit.uninstall("lists")


def test_the_owner_of_a_table_creates_its_partitions(
    role: Callable[[], str], conn: Conn, audit: Audit, connect: Connect, db: str
) -> None:
    """Who is not the owner of the log, whose function each new partition's trigger calls."""
    name = role()
    conn.execute(
        f"""CREATE TABLE t (id int, k text, PRIMARY KEY (id, k)) PARTITION BY LIST (k); ALTER TABLE t OWNER TO {name};
        GRANT CREATE ON SCHEMA public TO {name}""".encode()
    )
    audit.install("t", key=["id"])
    owner = connect(db, user=name, autocommit=True)
    owner.execute("CREATE TABLE t_b PARTITION OF t FOR VALUES IN ('b')")
    owner.execute(
        "CREATE TABLE t_c (k text NOT NULL, id int NOT NULL); ALTER TABLE t ATTACH PARTITION t_c FOR VALUES IN ('c')"
    )
    owner.execute("INSERT INTO t VALUES (1, 'b'), (2, 'c')")
    assert [one.action for key in (1, 2) for one in audit.history("t", key)] == ["created", "created"]
    assert [one for one in audit.doctor() if "execute" in one.detail] == []
    audit.sync("t")


def test_a_partition_that_is_made_anew_under_its_name(places: Conn, audit: Audit) -> None:
    places.execute("""INSERT INTO places VALUES (1, 'de', 0); DROP TABLE places_de;
        CREATE TABLE places_de PARTITION OF places_eu FOR VALUES IN ('de'); INSERT INTO places VALUES (5, 'de', 0)""")
    audit.sync("places")
    places.execute("UPDATE places SET n = 1")
    assert [one.action for one in audit.history("places", 1)] == ["created", "detached"]
    assert [(one.life, one.action) for one in audit.history("places", 5)] == [(1, "created"), (1, "updated")]


def test_partitions_that_the_book_never_knew_or_knew_by_another_name(places: Conn, audit: Audit) -> None:
    places.execute("""CREATE TABLE places_jp PARTITION OF places FOR VALUES IN ('jp'); INSERT INTO places VALUES (1, 'jp', 0);
        DROP TABLE places_jp; INSERT INTO places VALUES (2, 'de', 0); ALTER TABLE places_de RENAME TO places_ger""")
    audit.sync("places")
    places.execute("INSERT INTO places VALUES (3, 'de', 0)")
    audit.install("places", truncate_rows=0)
    places.execute("TRUNCATE places_ger; INSERT INTO places VALUES (4, 'de', 0); DROP TABLE places_ger")
    audit.sync("places")
    ends = [[one.action for one in audit.history("places", key)] for key in (1, 2, 3, 4)]
    assert ends == [
        ["created", "detached"],
        ["created", "truncated"],
        ["created", "truncated"],
        ["created", "detached"],
    ]


def test_a_truncate_before_the_sync_is_recorded_once(places: Conn, audit: Audit) -> None:
    places.execute("CREATE TABLE places_be (LIKE places INCLUDING ALL)")
    places.execute(
        "ALTER TABLE places_eu DETACH PARTITION places_fr; ALTER TABLE places_eu ATTACH PARTITION places_fr FOR VALUES IN ('fr')"
    )
    places.execute(
        "INSERT INTO places VALUES (1, 'fr', 0); TRUNCATE places_eu; INSERT INTO places VALUES (1, 'fr', 0); TRUNCATE places"
    )
    assert "".join(one[0] for one in log(places) if one[1] == "1") == "IDID"


def test_a_detached_tree_kills_nobody(places: Conn, audit: Audit) -> None:
    places.execute(
        "INSERT INTO places VALUES (1, 'de', 0), (2, 'us', 0); ALTER TABLE places DETACH PARTITION places_eu"
    )
    for _ in range(2):
        places.execute("INSERT INTO places_eu VALUES (2, 'de', 55); TRUNCATE places_eu")
        audit.sync("places")
    assert [one.action for one in audit.history("places", 2)] == ["created"]
    places.execute("CREATE TABLE other (LIKE places) PARTITION BY LIST (region)")
    places.execute(
        "ALTER TABLE other ATTACH PARTITION places_eu DEFAULT; INSERT INTO other VALUES (2, 'de'); TRUNCATE other"
    )
    assert [one.action for one in audit.history("places", 2)] == ["created"]
    (left,) = places.execute(
        "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'places_eu'::regclass"
    ).fetchall()
    assert left == (0,)


def test_no_session_says_in_which_partition_a_row_is(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, n int)")
    audit.install("t", truncate_rows=0)
    conn.execute("INSERT INTO t VALUES (1, 0)")
    with conn.transaction():
        conn.execute(
            """SET LOCAL pgaudit_py.metadata = '{"_partition": "x", "_leaf": 1, "_departed": true}'"""
        )
        conn.execute("UPDATE t SET n = 1")
    conn.execute("TRUNCATE t")
    assert [one.action for one in audit.history("t", 1)] == ["created", "updated", "truncated"]


def test_a_partition_has_one_name_whatever_the_session_says(places: Conn, audit: Audit) -> None:
    places.execute(
        "SET quote_all_identifiers = on; INSERT INTO places VALUES (1, 'de', 0); RESET quote_all_identifiers"
    )
    assert log(places) == [("I", "1", "places_de")]


def test_a_move_tells_no_more_than_what_changed(conn: Conn, audit: Audit) -> None:
    conn.execute("""CREATE TABLE t (id int, k text, email text, body text, n int) PARTITION BY LIST (k);
        CREATE TABLE t_a PARTITION OF t FOR VALUES IN ('a'); CREATE TABLE t_b PARTITION OF t FOR VALUES IN ('b');
        ALTER TABLE t ADD PRIMARY KEY (id, k)""")
    audit.install("t", key=["id"], redact=["email"], value_limit=10_000)
    conn.execute("INSERT INTO t VALUES (1, 'a', 'x@y', 'small', 0); UPDATE t SET k = 'b'")
    conn.execute("UPDATE t SET k = 'a', body = repeat('x', 20000); UPDATE t SET k = 'b'; UPDATE t SET n = 5")
    history = audit.history("t", 1)
    assert [set(one.changes) for one in history] == [set(), {"k"}, {"k"}, {"k"}, {"n"}]
    assert [set(one.omitted) for one in history] == [{"email"}, set(), {"body"}, set(), set()]
    assert [one.state == audit.version(one.id) for one in history] == [True] * 5
    assert ["body" in (one.state or {}) for one in history] == [True, True, False, False, False]


@pytest.mark.parametrize("event", ["DELETE", "INSERT"])
def test_triggers_between_the_two_halves_of_a_move(places: Conn, audit: Audit, event: str) -> None:
    places.execute(
        f"""CREATE FUNCTION app() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF pg_trigger_depth() = 1 THEN UPDATE places SET n = n + 100; END IF; RETURN NULL; END $$;
        INSERT INTO places VALUES (1, 'de', 0), (2, 'de', 0), (3, 'us', 0);
        CREATE TRIGGER app AFTER {event} ON places FOR EACH ROW EXECUTE FUNCTION app();
        UPDATE places SET region = 'fr' WHERE id < 3""".encode()
    )
    for key in (1, 2):
        history = audit.history("places", key)
        assert {(one.life, one.action) for one in history} == {(1, "created"), (1, "updated")}
        assert history[-1].state == {"id": key, "region": "fr", "n": 200}


class TestInheritanceInADump:
    """pg_dump writes the columns that come from a parent first, wherever they were."""

    def test_columns_keep_who_they_are(self, conn: Conn, audit: Audit, db: str, reload: Reload) -> None:
        conn.execute("""CREATE TABLE parent (n int); CREATE TABLE child (code int PRIMARY KEY, more text) INHERITS (parent);
            ALTER TABLE parent ADD late int""")
        audit.install("child")
        conn.execute("INSERT INTO child (n, code, more, late) VALUES (0, 7, 'x', 3)")
        loaded = reload(db)
        there = Audit(loaded)
        loaded.execute("UPDATE child SET n = 1")
        there.sync("child")
        loaded.execute("UPDATE child SET n = 2, late = 4, more = 'y'")
        assert [one.action for one in there.history("child", 7)] == ["created", "updated", "updated"]
        there.restore(version=there.versions("child", 7)[0].id)
        assert loaded.execute("SELECT n, code, more, late FROM child").fetchall() == [(0, 7, "x", 3)]
        assert contradictions(loaded) == []

    def test_names_that_were_swapped_with_a_parents(
        self, conn: Conn, audit: Audit, db: str, reload: Reload
    ) -> None:
        conn.execute("""CREATE TABLE parent (id int NOT NULL); CREATE TABLE child (PRIMARY KEY (id), sec text) INHERITS (parent);
            ALTER TABLE parent ADD late text""")
        audit.install("child", redact=["sec"])
        conn.execute("INSERT INTO child (id, sec, late) VALUES (1, 'SECRET', 'L')")
        conn.execute("""ALTER TABLE child RENAME sec TO x; ALTER TABLE parent RENAME late TO sec; ALTER TABLE child RENAME x TO late;
            UPDATE child SET late = 'SECRET1'""")
        loaded = reload(db)
        loaded.execute("UPDATE child SET late = 'SECRET2'")
        assert "SECRET" not in str(
            loaded.execute("SELECT l::text FROM pgaudit_py.activity_log AS l").fetchall()
        )
