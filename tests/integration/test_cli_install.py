"""install, status, sync and doctor at the command line."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import make_conninfo

from pgaudit_py import Audit
from pgaudit_py.cli.choosing import share_out
from pgaudit_py.embedded import EmbeddedServer
from pgaudit_py.errors import OptionError
from tests.conftest import Conn, Connect, Run
from tests.terminal import at_a_terminal


@pytest.fixture
def shop(conn: Conn) -> Conn:
    conn.execute("""CREATE SCHEMA shop; CREATE TABLE posts (id int PRIMARY KEY, title text, email text, doc jsonb);
        CREATE TABLE people (id int PRIMARY KEY, email text); CREATE TABLE shop.items (id int PRIMARY KEY);
        CREATE TABLE keyless (n int); CREATE TABLE parted (id int) PARTITION BY RANGE (id); CREATE VIEW seen AS SELECT 1""")
    return conn


def outcomes(out: str) -> dict[str, str]:
    return dict(line.split(": ") for line in out.splitlines())


def options(conn: Conn, name: str) -> dict[str, Any]:
    row = conn.execute(
        "SELECT options FROM pgaudit_py.tracked_table WHERE subject_type = %s", [name]
    ).fetchone()
    assert row
    return dict(row[0])


# --- which tables ---


def test_patterns(shop: Conn, run: Run) -> None:
    shop.execute("CREATE TABLE item (id int)")
    run("install", "--table", "item")
    shop.execute("ALTER TABLE parted ATTACH PARTITION item DEFAULT")
    code, out, err = run("install", "--table", "p*")
    assert (code, outcomes(out)) == (0, {"people": "installed", "posts": "installed"})
    assert (
        "left out: public.parted is partitioned, and its partition public.item is audited on its own" in err
    )
    assert outcomes(run("install", "--table", "shop.*", "--table", "posts")[1]) == {
        "posts": "unchanged",
        "shop.items": "installed",
    }
    assert outcomes(run("install", "--table", "po?ts")[1]) == {"posts": "unchanged"}


def test_a_schema(shop: Conn, run: Run) -> None:
    assert outcomes(run("install", "--schema", "shop")[1]) == {"shop.items": "installed"}


def test_all_but_some(shop: Conn, run: Run) -> None:
    code, out, err = run("install", "--all", "--skip", "p*", "--skip", "shop.*")
    assert (code, outcomes(out)) == (0, {"keyless": "installed"})
    assert "keyless has no key: its rows are recorded, but have no history" in err
    assert "parted" not in err


@pytest.mark.parametrize("arguments", [["--table", "x*"], ["--schema", "nope"], ["--all", "--skip", "*"]])
def test_nothing_is_meant(shop: Conn, run: Run, arguments: list[str]) -> None:
    code, out, err = run("install", *arguments)
    assert (code, out) == (1, "")
    assert "can be audited" in err
    assert "hint: See what there is: pgaudit-py status --all." in err


@pytest.mark.parametrize("arguments", [[], ["--all", "--table", "x"], ["--schema", "x", "--all"]])
def test_what_is_meant_is_said_in_one_way(run: Run, arguments: list[str]) -> None:
    code, out, err = run("install", *arguments)
    assert (code, out, "Name tables by --table" in err) == (2, "", True)


def test_one_that_cannot_be_does_not_stop_the_others(shop: Conn, run: Run) -> None:
    code, out, err = run("install", "--table", "nope", "--table", "seen", "--table", "posts")
    assert (code, outcomes(out)) == (1, {"posts": "installed"})
    assert "error: there is no table 'nope'" in err
    assert "error: public.seen is a view" in err


# --- which options ---


def test_options_of_one_table(shop: Conn, run: Run) -> None:
    line = [
        "--as",
        "articles",
        "--exclude",
        "title",
        "--redact",
        "email",
        "--redact",
        "doc.token",
        "--snapshots",
        "all",
    ]
    line += ["--context", "require", "--truncate-rows", "7", "--value-limit", "20000"]
    assert run("install", "--table", "posts", *line)[0] == 0
    said = options(shop, "articles")
    assert said == {
        "exclude": ["title"], "redact": ["email", "doc.token"], "snapshots": "all", "context": "require",
        "truncate_rows": 7, "value_limit": 20_000, "key": [],
    }  # fmt: skip
    run("install", "--table", "posts", "--exclude", "")
    assert options(shop, "articles") == {**said, "exclude": []}
    run("install", "--table", "posts", "--reset")
    assert options(shop, "articles") == {
        "exclude": [], "redact": [], "snapshots": "changes", "context": "allow", "truncate_rows": 100_000, "value_limit": 8_388_608,
        "key": [],
    }  # fmt: skip


def test_columns_are_shared_out(shop: Conn, run: Run) -> None:
    assert run("install", "--table", "people", "--exclude", "email")[0] == 0
    assert run("install", "--table", "p*", "--redact", "doc.token", "--exclude", "title")[0] == 0
    assert (options(shop, "posts")["exclude"], options(shop, "posts")["redact"]) == (["title"], ["doc.token"])
    assert options(shop, "people")["exclude"] == ["email"]
    code, out, err = run("install", "--all", "--redact", "emial")
    assert (code, out) == (1, "")
    assert "none of the tables has a column 'emial' to redact" in err
    assert "shop.items" not in Audit(shop).tracked()


@pytest.mark.parametrize(
    ("given", "shared"),
    [
        ({"exclude": ("a",)}, [("a",), None]),
        ({"exclude": ("a", "x")}, [("a",), ("x",)]),
        ({"redact": ("x.token", "a")}, [("a",), ("x.token",)]),
        ({"key": ("a", "b")}, [("a", "b"), None]),
        ({"key": ("b",)}, [("b",), ("b",)]),
        ({"exclude": ()}, [(), ()]),
    ],
)
def test_sharing_out(given: dict[str, tuple[str, ...]], shared: list[tuple[str, ...] | None]) -> None:
    found = share_out({"one": ["a", "b"], "two": ["b", "x"]}, given)
    (option,) = given
    assert [None if one[option] is None else tuple(one[option]) for one in found.values()] == shared


def test_a_column_of_no_table() -> None:
    with pytest.raises(OptionError, match="none of the tables has a column 'c' to key"):
        share_out({"one": ["a"], "two": ["b"]}, {"key": ("c",)})


def test_a_baseline(shop: Conn, run: Run) -> None:
    shop.execute("INSERT INTO posts SELECT i FROM generate_series(1, 3) AS i; INSERT INTO people VALUES (1)")
    code, out, err = run(
        "install", "--table", "posts", "--table", "keyless", "--table", "people", "--baseline"
    )
    assert code == 1
    assert "posts: baseline taken, 3 rows recorded" in out
    assert "people: baseline taken, 1 row recorded" in out
    assert "error: table keyless has no key" in err
    assert "posts: baseline unchanged, 0 rows recorded" in run("install", "--table", "posts", "--baseline")[1]
    code, out, err = run("-o", "json", "install", "--table", "posts", "--baseline")
    assert [json.loads(line)["outcome"] for line in out.splitlines()] == ["unchanged"]
    assert "posts: baseline unchanged" in err
    assert "not by a script" in run("install", "--table", "posts", "--baseline", "--dry-run")[1]


# --- trying it, and the script ---


def catalog(conn: Conn) -> list[Any]:
    """What an install makes: functions, triggers and lines in the book; numbers of the moment left out."""
    return [
        conn.execute(query).fetchall()
        for query in (
            "SELECT proname, prosrc, proconfig, prosecdef, proacl::text, proowner, obj_description(oid, 'pg_proc') FROM pg_proc WHERE pronamespace = 'pgaudit_py'::regnamespace ORDER BY oid::regprocedure::text",
            "SELECT tgname, tgrelid::regclass::text, tgenabled, tgtype FROM pg_trigger WHERE NOT tgisinternal ORDER BY 2, 1",
            "SELECT id, subject_type, options, removed_at IS NULL, baseline FROM pgaudit_py.tracked_table ORDER BY id",
            "SELECT id, tracked_table_id, columns, key, fingerprint FROM pgaudit_py.table_shape ORDER BY id",
            "SELECT name, checksum, library_version FROM pgaudit_py.migration ORDER BY name",
            "SELECT relname, relkind, relacl::text FROM pg_class WHERE relnamespace = 'pgaudit_py'::regnamespace ORDER BY 1",
        )
    ]


def psql(server: EmbeddedServer, dsn: str, script: Path) -> subprocess.CompletedProcess[str]:
    command = [str(server.tool("psql")), "-X", "-q", "-o", "/dev/null", "-d", dsn, "-f", str(script)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


HOSTILE = "a\"b 'c' $$ :x :'y' %I {{ z }} \\d ; --"


@pytest.fixture
def bare(bare_db: str, connect: Connect) -> Conn:
    from psycopg import sql

    conn = connect(bare_db, autocommit=True)
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, slug text NOT NULL UNIQUE, email text, doc jsonb)")
    conn.execute(sql.SQL("CREATE TABLE {0} ({0} int PRIMARY KEY, n int)").format(sql.Identifier(HOSTILE)))
    return conn


LINE = ["--all", "--redact", "email", "--redact", "doc.token", "--snapshots", "all"]


def test_a_script_does_what_an_install_does(
    bare: Conn, bare_db: str, run: Run, server: EmbeddedServer, tmp_path: Path
) -> None:
    script = tmp_path / "install.sql"
    code, out, err = run("install", *LINE, "--sql", dsn=bare_db)
    assert (code, "would run 2 migrations" in err) == (0, True)
    script.write_text(out)
    assert bare.execute("SELECT to_regnamespace('pgaudit_py')").fetchone() == (None,)
    assert run("install", *LINE, dsn=bare_db)[0] == 0
    plain = catalog(bare)
    assert run("uninstall", "--all", "--drop-log", "--yes", dsn=bare_db)[0] == 0
    done = psql(server, bare_db, script)
    assert (done.returncode, done.stderr) == (0, "")
    assert catalog(bare) == plain
    assert run("status", dsn=bare_db)[0] == 0
    assert run("install", *LINE, "--sql", dsn=bare_db)[1] == "-- there is nothing to do\n"
    bare.execute("INSERT INTO posts VALUES (1, 'tea', 'a@b', '{\"token\": 1}')")
    assert Audit(bare).verify_table("posts") == []
    again = psql(server, bare_db, script)
    assert again.returncode == 3
    assert "schema pgaudit_py is not as it was when this was made" in again.stderr
    assert "HINT:  It may have been run already." in again.stderr
    assert catalog(bare) == plain


def test_a_script_for_a_table_that_changed(
    bare: Conn, bare_db: str, run: Run, server: EmbeddedServer, tmp_path: Path
) -> None:
    script = tmp_path / "install.sql"
    run("migrate", dsn=bare_db)
    script.write_text(run("install", "--table", "posts", "--sql", dsn=bare_db)[1])
    bare.execute("ALTER TABLE posts ADD added int")
    done = psql(server, bare_db, script)
    assert done.returncode == 3
    assert '"public"."posts" is not the table, or not as it was, for which this was made' in done.stderr
    assert Audit(bare).tracked() == []
    bare.execute("DROP TABLE posts")
    assert psql(server, bare_db, script).returncode == 3


def test_a_script_whose_number_is_taken(
    bare: Conn, bare_db: str, run: Run, server: EmbeddedServer, tmp_path: Path
) -> None:
    script = tmp_path / "install.sql"
    run("migrate", dsn=bare_db)
    script.write_text(run("install", "--table", "posts", "--sql", dsn=bare_db)[1])
    Audit(bare).install(HOSTILE)
    before = catalog(bare)
    assert psql(server, bare_db, script).returncode == 3
    assert catalog(bare) == before


def test_scripts_of_the_others(
    bare: Conn, bare_db: str, run: Run, server: EmbeddedServer, tmp_path: Path
) -> None:
    audit = Audit(bare)

    def through_psql(*arguments: str) -> None:
        script = tmp_path / "script.sql"
        before = (
            catalog(bare)
            if bare.execute("SELECT to_regnamespace('pgaudit_py')").fetchone() != (None,)
            else None
        )
        code, out, _ = run(*arguments, "--sql", dsn=bare_db)
        assert code == 0
        if before is not None:
            assert catalog(bare) == before
        script.write_text(out)
        done = psql(server, bare_db, script)
        assert (done.returncode, done.stderr) == (0, "")

    through_psql("migrate")
    assert not audit.plan_migration()
    through_psql("install", "--all")
    bare.execute('ALTER TABLE posts ADD x int; ALTER TABLE posts DISABLE TRIGGER "00_pgaudit_py"')
    through_psql("sync")
    assert {one.state for one in audit.status()} == {"installed"}
    through_psql("grant", "--reader", "pg_monitor")
    assert audit.roles() == [("pg_monitor", "reader")]
    through_psql("revoke", "--reader", "pg_monitor")
    assert audit.roles() == []
    through_psql("uninstall", "--table", "posts")
    assert audit.tracked() == [HOSTILE]
    through_psql("uninstall", "--all", "--drop-log")
    assert bare.execute("SELECT to_regnamespace('pgaudit_py')").fetchone() == (None,)


def test_a_dry_run_changes_nothing(bare: Conn, bare_db: str, run: Run) -> None:
    code, out, _ = run("install", "--table", "posts", "--dry-run", dsn=bare_db)
    assert (code, out.splitlines()[-1]) == (0, "posts: would be installed")
    assert bare.execute("SELECT to_regnamespace('pgaudit_py')").fetchone() == (None,)
    run("install", "--table", "posts", dsn=bare_db)
    bare.execute("ALTER TABLE posts ADD x int")
    before = catalog(bare)
    assert "posts: would be updated" in run("sync", "--dry-run", dsn=bare_db)[1]
    assert "posts: would be updated" in run("install", "--table", "posts", "--dry-run", dsn=bare_db)[1]
    assert catalog(bare) == before


# --- keeping it ---


def test_status_and_sync(shop: Conn, run: Run) -> None:
    run("install", "--table", "posts", "--table", "people")
    code, out, err = run("status")
    assert (code, out.splitlines()[0]) == (0, "schema pgaudit_py: up to date")
    assert "not audited: 3 tables; see `pgaudit-py status --all`" in err
    assert "not audited: public.parted\n" in run("status", "--all")[2]
    assert run("sync") == (0, "everything is as it should be\n", "")
    assert run("sync", "--check")[0] == 0
    shop.execute("ALTER TABLE posts ADD x int; DROP TABLE people")
    assert run("status")[0] == 3
    code, out, _ = run("sync", "--check")
    assert (code, "people: orphaned, its table public.people is gone" in out) == (3, True)
    assert Audit(shop).tracked() == ["people", "posts"]
    code, _, err = run("sync")
    assert (code, "There is nobody to ask" in err) == (2, True)
    assert outcomes(run("sync", "--table", "posts", "--yes")[1].splitlines()[-1]) == {"posts": "updated"}
    code, out, err = run("-o", "json", "sync", "--yes")
    assert json.loads(out) == {"subject_type": "people", "outcome": "forgotten", "key": []}
    assert "people: orphaned" in err
    assert run("status")[0] == 0


def test_what_sync_cannot_mend(shop: Conn, run: Run) -> None:
    shop.execute("CREATE TABLE t (id int NOT NULL CONSTRAINT one UNIQUE)")
    run("install", "--table", "t", "--key", "id")
    run("install", "--table", "posts")
    shop.execute("ALTER TABLE t DROP CONSTRAINT one; ALTER TABLE posts ADD x int")
    code, out, err = run("sync", "--yes")
    assert (code, "posts: updated" in out) == (1, True)
    assert "error: two records of public.t may have the same id" in err
    assert run("status")[0] == 3


def test_an_old_schema(shop: Conn, run: Run) -> None:
    run("install", "--table", "posts")
    shop.execute("UPDATE pgaudit_py.migration SET checksum = 'x' WHERE name = 'functions/log.sql'")
    code, out, _ = run("status")
    assert (code, "0 migrations and 1 functions behind; run `pgaudit-py migrate`" in out) == (3, True)
    assert run("sync", "--check")[0] == 3
    code, out, _ = run("sync", "--yes")
    assert (code, out) == (0, "schema pgaudit_py: 0 migrations and 1 functions to run\n")
    assert run("status")[0] == 0


def test_doctor(shop: Conn, run: Run) -> None:
    code, out, _ = run("doctor")
    assert (code, out.splitlines()[-1]) == (0, "nothing is wrong")
    shop.execute("ALTER TABLE pgaudit_py.activity_log ALTER COLUMN id SET CACHE 2")
    code, out, _ = run("-o", "json", "doctor")
    assert (code, json.loads(out.splitlines()[0])["state"]) == (3, "wrong")
    shop.execute("ALTER TABLE pgaudit_py.activity_log ALTER COLUMN id SET CACHE 1")


def test_the_doctor_measures_for_people(shop: Conn, run: Run) -> None:
    run("install", "--table", "posts")
    shop.execute("INSERT INTO posts VALUES (1)")
    shop.execute("ANALYZE pgaudit_py.activity_log")
    code, out, _ = run("doctor")
    findings, figures = out.split("\n\n")
    assert (code, findings.splitlines()[1].split()[0]) == (0, "limited")
    said = dict(line.split(maxsplit=1) for line in figures.splitlines()[:-1])
    assert list(said) == ["tables", "log", "a", "recorded", "partitions", "roles", "versions"]
    assert (said["tables"], said["a"].split(",")[0], said["roles"]) == (
        "1",
        "day       1 row",
        "postgres (owner)",
    )
    assert said["log"].startswith("about 1 row, ")
    _, out, err = run("-o", "json", "doctor")
    assert [json.loads(line)["state"] for line in out.splitlines()] == ["limited"]
    assert err == "nothing is wrong\n"


def test_the_doctor_where_what_measures_is_gone(shop: Conn, run: Run) -> None:
    shop.execute("DROP FUNCTION pgaudit_py.log_figures, pgaudit_py.log_tables")
    code, out, err = run("doctor")
    assert (code, err) == (3, "")
    assert [line.split()[1] for line in out.splitlines() if line.startswith("wrong")] == [
        "pgaudit_py.log_figures", "pgaudit_py.log_tables",
    ]  # fmt: skip
    assert run("migrate")[0] == 0
    assert run("doctor")[0] == 0


def test_for_programs(shop: Conn, run: Run) -> None:
    _, out, _ = run("-o", "csv", "install", "--table", "posts")
    assert list(csv.reader(io.StringIO(out))) == [
        ["subject_type", "outcome", "key"],
        ["posts", "installed", '["id"]'],
    ]
    _, out, err = run("-o", "json", "status")
    (line,) = out.splitlines()
    assert {name: json.loads(line)[name] for name in ("subject_type", "table", "state")} == {
        "subject_type": "posts", "table": "public.posts", "state": "installed",
    }  # fmt: skip
    assert "schema pgaudit_py: up to date" in err
    _, out, _ = run("-o", "csv", "uninstall", "--all", "--yes")
    assert list(csv.reader(io.StringIO(out))) == [["subject_type", "outcome"], ["posts", "removed"]]
    _, out, _ = run("-o", "json", "migrate")
    assert json.loads(out) == {"migrations": [], "functions": [], "event_trigger": None}


# --- what is refused, and what is done all the same ---


def test_looking_only_needs_no_right_to_migrate(
    bare: Conn, bare_db: str, run: Run, role: Callable[[], str]
) -> None:
    poor = make_conninfo(bare_db, user=role())
    code, out, err = run("sync", "--check", dsn=poor)
    assert (code, err) == (3, "")
    assert out.startswith("schema pgaudit_py: 2 migrations and ")
    code, out, err = run("sync", "--yes", dsn=poor)
    assert (code, "GRANT CREATE ON DATABASE" in err) == (1, True)
    code, out, err = run("doctor", dsn=poor)
    assert (code, "may not make the schema" in out) == (3, True)


def test_looking_only_has_no_script(shop: Conn, run: Run) -> None:
    run("install", "--table", "posts")
    shop.execute("ALTER TABLE posts ADD x int")
    code, out, err = run("sync", "--check", "--sql")
    assert (code, out) == (2, "")
    assert "error: --check only looks: leave out --sql." in err


def test_a_name_for_several_tables(shop: Conn, run: Run) -> None:
    """Refused before the first table gets it, and begins another history."""
    run("install", "--table", "posts", "--table", "people")
    for tables in (["--table", "posts", "--table", "people"], ["--table", "p*"], ["--all"]):
        code, out, err = run("install", *tables, "--as", "same")
        assert (code, out) == (2, "")
        assert "error: --as names the records of one table, and " in err
    assert Audit(shop).tracked() == ["people", "posts"]
    assert run("install", "--table", "po*", "--as", "articles")[:2] == (0, "articles: installed\n")


def test_there_is_nothing_to_skip(shop: Conn, run: Run) -> None:
    code, out, err = run("install", "--table", "posts", "--skip", "posts")
    assert (code, out) == (2, "")
    assert "--skip goes with --all, --schema, or a pattern." in err
    assert Audit(shop).tracked() == []


BY_SEVERAL_NAMES = ["--table", "posts", "--table", "posts", "--table", "public.posts", "--table", "po*"]


def test_one_table_by_several_names(bare: Conn, bare_db: str, run: Run) -> None:
    code, out, err = run("install", "--table", "posts", dsn=bare_db)
    once = catalog(bare)
    Audit(bare).drop_schema()
    code, out, err = run("install", *BY_SEVERAL_NAMES, dsn=bare_db)
    assert (code, out.splitlines()[1:], err) == (0, ["posts: installed"], "")
    assert catalog(bare) == once
    code, out, err = run("install", *BY_SEVERAL_NAMES, "--table", "nope", "--table", "nope", dsn=bare_db)
    assert (code, out, err.count("there is no table 'nope'")) == (1, "posts: unchanged\n", 1)
    assert run("install", *BY_SEVERAL_NAMES, "--as", "articles", dsn=bare_db)[:2] == (
        0,
        "articles: installed\n",
    )


def test_a_script_for_one_table_by_several_names(
    bare: Conn, bare_db: str, run: Run, server: EmbeddedServer, tmp_path: Path
) -> None:
    script = tmp_path / "install.sql"
    script.write_text(run("install", *BY_SEVERAL_NAMES, "--sql", dsn=bare_db)[1])
    run("install", "--table", "posts", dsn=bare_db)
    once = catalog(bare)
    Audit(bare).drop_schema()
    done = psql(server, bare_db, script)
    assert (done.returncode, done.stderr) == (0, "")
    assert catalog(bare) == once


def test_one_that_cannot_be_uninstalled_does_not_stop_the_others(
    bare: Conn, bare_db: str, run: Run, role: Callable[[], str]
) -> None:
    """And what was done is said."""
    me, other, dbname = role(), role(), bare.info.dbname
    bare.execute(
        f'GRANT CREATE ON DATABASE "{dbname}" TO {me}; GRANT CREATE ON SCHEMA public TO {me}'.encode()
    )
    mine = make_conninfo(bare_db, user=me)
    bare.execute(
        "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY)"
    )
    for table in "abc":
        bare.execute(f"ALTER TABLE {table} OWNER TO {me}".encode())
    assert run("install", "--schema", "public", dsn=mine)[0] == 0
    bare.execute(f"ALTER TABLE b OWNER TO {other}".encode())
    code, out, err = run("-o", "json", "uninstall", "--all", "--yes", dsn=mine)
    assert code == 1
    assert [json.loads(line)["subject_type"] for line in out.splitlines()] == ["a", "c"]
    assert "error: must be owner of relation b" in err
    assert Audit(bare).tracked() == ["b"]
    code, out, err = run("uninstall", "--all", "--sql", dsn=mine)
    assert (code, "b: changes would no longer be recorded" in err) == (0, True)
    bare.execute(f"ALTER TABLE b OWNER TO {me}".encode())
    assert run("uninstall", "--all", "--drop-log", "--yes", dsn=mine)[:1] == (0,)
    bare.execute(f"DROP OWNED BY {me} CASCADE".encode())


def test_what_was_uninstalled_before_a_failure_is_said(shop: Conn, run: Run) -> None:
    """Whatever ends the command: here an error of somebody else's, which it knows no fix for."""
    run("install", "--table", "people", "--table", "posts")
    shop.execute("""CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
        IF EXISTS (SELECT FROM pg_event_trigger_dropped_objects() WHERE object_identity LIKE 'pgaudit_py.capture_2%')
        THEN RAISE 'not this one'; END IF; END $$;
        CREATE EVENT TRIGGER refuse ON sql_drop EXECUTE FUNCTION refuse()""")
    code, out, err = run("uninstall", "--all", "--yes")
    assert (code, out.splitlines()[-1]) == (1, "people: removed")
    assert "error: not this one" in err
    assert Audit(shop).tracked() == ["posts"]
    shop.execute("DROP EVENT TRIGGER refuse")


# --- the question ---


@pytest.mark.parametrize(("answer", "code"), [(b"n\n", 1), (b"\n", 1), (b"\x03", 130), (b"\x04", 130)])
@pytest.mark.parametrize("command", [["sync"], ["uninstall", "--all", "--drop-log"]])
def test_an_answer_that_is_no_yes(shop: Conn, db: str, command: list[str], answer: bytes, code: int) -> None:
    """Nothing is done: not to the triggers, not to the book, not to the schema."""
    Audit(shop).install("posts")
    shop.execute("ALTER TABLE posts ADD x int; INSERT INTO posts VALUES (1)")
    before = catalog(shop)
    found, shown = at_a_terminal([sys.executable, "-m", "pgaudit_py", "--dsn", db, *command], answer)
    assert (found, "Traceback" in shown) == (code, False)
    assert catalog(shop) == before


def test_a_yes_at_a_terminal(shop: Conn, db: str) -> None:
    Audit(shop).install("posts")
    shop.execute("ALTER TABLE posts ADD x int")
    command = [sys.executable, "-m", "pgaudit_py", "--dsn", db, "sync"]
    code, shown = at_a_terminal(command, b"y\n")
    assert (code, shown.splitlines()[-1]) == (0, "posts: updated")


def test_a_script_at_a_terminal(bare: Conn, bare_db: str) -> None:
    """A name in it does not command the terminal."""
    bare.execute('CREATE TABLE "a\x1b[31mb" (id int PRIMARY KEY)')
    command = [sys.executable, "-m", "pgaudit_py", "--dsn", bare_db, "install", "--table", "a*b", "--sql"]
    code, shown = at_a_terminal(command)
    assert (code, "\x1b[31mb" in shown, "CREATE OR REPLACE TRIGGER" in shown) == (0, False, True)


# --- values nobody means ---

WRONG = {
    "empty beside another": (["--exclude", "", "--exclude", "title"], 1),
    "excluded and redacted": (["--exclude", "title", "--redact", "title"], 1),
    "no such column": (["--exclude", "nope"], 1),
    "key excluded": (["--exclude", "id"], 1),
    "key may be NULL": (["--key", "title"], 1),
    "NUL in a column": (["--redact", "a\0b"], 1),
    "surrogate in a column": (["--exclude", "a\ud800b"], 1),
    "control in a column": (["--exclude", "\x1b[31m"], 1),
    "long column": (["--redact", "x" * 10_000], 1),
    "NUL in a name": (["--as", "a\0b"], 1),
    "surrogate in a name": (["--as", "a\ud800b"], 1),
    "long name": (["--as", "x" * 10_000], 1),
    "empty name": (["--as", ""], 2),
    "snapshots": (["--snapshots", "some"], 2),
    "context": (["--context", ""], 2),
    "rows below": (["--truncate-rows", "-1"], 2),
    "rows above": (["--truncate-rows", str(2**31)], 2),
    "rows in words": (["--truncate-rows", "many"], 2),
    "rows twice": (["--truncate-rows", "1", "--truncate-rows", "2"], 2),
    "limit below": (["--value-limit", "9999"], 2),
    "limit above": (["--value-limit", str(2**28)], 2),
    "limit in words": (["--value-limit", "8MB"], 2),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_wrong_values(shop: Conn, run: Run, what: str) -> None:
    arguments, expected = WRONG[what]
    code, out, err = run("install", "--table", "posts", *arguments)
    assert (code, out) == (expected, "")
    error, hint = err.splitlines()
    assert error.startswith("error: ")
    assert hint.startswith("hint: ")
    assert error.isprintable()
    assert hint.isprintable()
    assert Audit(shop).tracked() == []


@pytest.mark.parametrize(
    "name", ["", "a\0b", "a\ud800b", "\x1b[31m", "x" * 10_000, "a.b.c.d", '"', "posts;--"]
)
def test_wrong_tables(shop: Conn, run: Run, name: str) -> None:
    for command in (["install"], ["sync", "--yes"], ["uninstall", "--yes"]):
        code, out, err = run(*command, f"--table={name}")
        assert (code, out) == (1, ""), command
        error, *hints = err.splitlines()
        assert (error.startswith("error: "), error.isprintable()) == (True, True)
        assert [hint.startswith("hint: ") for hint in hints] == [True]


@pytest.mark.parametrize("command", ["status", "sync", "doctor"])
@pytest.mark.parametrize("form", ["json", "csv"])
def test_nothing_but_records_for_programs(shop: Conn, run: Run, command: str, form: str) -> None:
    run("install", "--table", "posts")
    shop.execute('ALTER TABLE posts DISABLE TRIGGER "00_pgaudit_py"')
    code, out, err = run("-o", form, command, *(["--yes"] if command == "sync" else []))
    assert (code, "Traceback" in err) == (0 if command == "sync" else 3, False)
    if form == "csv":
        names, *rows = csv.reader(io.StringIO(out))
        records = [dict(zip(names, row, strict=True)) for row in rows]
    else:
        records = [json.loads(line) for line in out.splitlines()]
    said = {
        "status": lambda: [one["state"] for one in records] == ["disabled"],
        "sync": lambda: [one["outcome"] for one in records] == ["updated"],
        "doctor": lambda: [one["about"] for one in records if one["state"] == "disabled"] == ["posts"],
    }  # fmt: skip
    assert said[command](), records
