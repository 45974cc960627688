"""A script that is run later, twice or elsewhere: it does what it was made for, or refuses and changes nothing."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from pgaudit_py import Audit
from pgaudit_py.embedded import EmbeddedServer
from tests.conftest import Conn, Connect, Run

pytestmark = pytest.mark.every_major

Script: TypeAlias = Callable[..., tuple[int, str]]

AGAIN = "HINT:  It may have been run already, or somebody installed meanwhile."


@pytest.fixture
def posts(conn: Conn) -> Conn:
    conn.execute("""CREATE TABLE posts (id int PRIMARY KEY, slug text NOT NULL UNIQUE, email text);
        CREATE TABLE people (id int PRIMARY KEY); CREATE TABLE notes (id int PRIMARY KEY)""")
    return conn


@pytest.fixture
def made(run: Run, db: str, server: EmbeddedServer, tmp_path: Path) -> Callable[..., Script]:
    """Make a script with --sql; what is given runs it, any number of times, and returns exit code and errors."""

    def make(*arguments: str, dsn: str = db) -> Script:
        psql = [str(server.tool("psql")), "-X", "-q", "-o", "/dev/null", "-d", dsn, "-f"]
        code, out, err = run(*arguments, "--sql", dsn=dsn)
        assert (code, out.startswith("-- Made by")) == (0, True), err
        path = tmp_path / f"{arguments[0]}.sql"
        path.write_text(out)

        def through_psql() -> tuple[int, str]:
            done = subprocess.run(
                [*psql, str(path)], capture_output=True, text=True, check=False, cwd=tmp_path
            )
            return done.returncode, done.stderr

        return through_psql

    return make


def books(conn: Conn) -> list[Any]:
    return [
        conn.execute(query).fetchall()
        for query in (
            "SELECT * FROM pgaudit_py.tracked_table ORDER BY id",
            "SELECT * FROM pgaudit_py.table_shape ORDER BY id",
            "SELECT tgname, tgrelid::regclass::text, tgfoid::regproc::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 2, 1",
            "SELECT proname, prosrc, obj_description(oid, 'pg_proc') FROM pg_proc WHERE pronamespace = 'pgaudit_py'::regnamespace ORDER BY 1",
        )
    ]


def refused(conn: Conn, script: Script, *said: str) -> None:
    """Run a script that is to be refused, and to change nothing."""
    before = books(conn)
    code, err = script()
    assert (code, [one for one in said if one not in err]) == (3, []), err
    assert books(conn) == before


def do(conn: Conn, run: Run, what: str) -> None:
    """Do something meanwhile: a command of ours, or SQL."""
    if what.split(maxsplit=1)[0] in {"install", "uninstall", "sync"}:
        assert run(*what.split())[0] == 0
    else:
        conn.execute(what.encode())


# --- install and sync ---

INSTALL = ["install", "--table", "posts"]
EDIT = """CREATE OR REPLACE FUNCTION pgaudit_py.capture_1_shape() RETURNS jsonb LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp AS $$SELECT '{}'::jsonb$$"""

SINCE = {
    "install --table posts --context require": "book, functions",
    "install --table posts --exclude slug": "book, functions, numbers, shape",
    "install --table posts --as articles": "book, functions, numbers, triggers",
    "uninstall --table posts --yes": "book, functions, triggers",
    "install --table people": "numbers",
    'ALTER TABLE posts DISABLE TRIGGER "00_pgaudit_py"': "triggers",
    'ALTER TRIGGER "00_pgaudit_py" ON posts RENAME TO zz': "triggers",
    'CREATE TRIGGER zz AFTER INSERT ON people FOR EACH ROW EXECUTE FUNCTION pgaudit_py.capture_1()': "triggers",
    EDIT: "functions",
}  # fmt: skip


@pytest.mark.parametrize("done", SINCE)
def test_what_was_done_since_is_not_undone(
    posts: Conn, run: Run, made: Callable[..., Script], done: str
) -> None:
    assert run(*INSTALL)[0] == 0
    script = made(*INSTALL, "--redact", "email")
    do(posts, run, done)
    refused(
        posts,
        script,
        f'the audit trail of "public"."posts" is not as it was when this was made: {SINCE[done]}\n',
        AGAIN,
    )


@pytest.mark.parametrize(
    "done",
    [
        "install --table posts --exclude email",
        "install --table people",
        "install --table people --as posts",
    ],
)
def test_a_first_install(posts: Conn, run: Run, made: Callable[..., Script], done: str) -> None:
    script = made(*INSTALL)
    do(posts, run, done)
    refused(posts, script, 'the audit trail of "public"."posts" is not as it was', AGAIN)


def test_a_log_that_belongs_to_another_role(posts: Conn, made: Callable[..., Script]) -> None:
    script = made(*INSTALL)
    posts.execute("CREATE ROLE some_owner; ALTER TABLE pgaudit_py.activity_log OWNER TO some_owner")
    refused(
        posts,
        script,
        'the audit trail of "public"."posts" is not as it was when this was made: log_owner\n',
        "HINT:  The log belongs to some_owner, and belonged to postgres then: make the script anew, against this database.\n",
    )
    posts.execute("ALTER TABLE pgaudit_py.activity_log OWNER TO CURRENT_USER; DROP ROLE some_owner")


CHANGES = [
    "ALTER TABLE posts DROP CONSTRAINT posts_pkey, ADD PRIMARY KEY (slug)",
    "ALTER TABLE posts DROP CONSTRAINT posts_pkey",
    "ALTER TABLE posts ALTER slug DROP NOT NULL",
    "ALTER TABLE posts ADD added int",
    "ALTER TABLE posts RENAME TO articles",
    "ALTER TABLE posts SET SCHEMA shop",
    "ALTER TABLE posts RENAME TO old; ALTER TABLE people RENAME TO posts",
    "DROP TABLE posts",
]


@pytest.mark.parametrize("done", CHANGES)
@pytest.mark.parametrize("command", ["install", "sync"])
def test_a_table_that_is_another_one(
    posts: Conn, run: Run, made: Callable[..., Script], command: str, done: str
) -> None:
    posts.execute("CREATE SCHEMA shop")
    if command == "sync":
        assert run(*INSTALL)[0] == 0
        posts.execute('ALTER TABLE posts DISABLE TRIGGER "00_pgaudit_py"')
    script = made(*INSTALL) if command == "install" else made("sync")
    posts.execute(done.encode())
    refused(posts, script, '"public"."posts" is not the table, or not as it was', "Make the script anew")


def test_a_key_that_is_none_any_more(posts: Conn, made: Callable[..., Script]) -> None:
    script = made(*INSTALL, "--key", "slug")
    posts.execute("ALTER TABLE posts DROP CONSTRAINT posts_slug_key")
    refused(posts, script, 'the audit trail of "public"."posts" is not as it was when this was made: key\n')


@pytest.mark.parametrize(
    "done",
    ["install --table posts --context require", "install --table people --as articles", "uninstall --table posts --yes"],
)  # fmt: skip
def test_another_name(posts: Conn, run: Run, made: Callable[..., Script], done: str) -> None:
    """Its old line ends in the script, and its new one begins."""
    assert run(*INSTALL)[0] == 0
    script = made(*INSTALL, "--as", "articles")
    do(posts, run, done)
    refused(posts, script, "is not as it was when this was made", AGAIN)


def test_several_tables_in_one_script(posts: Conn, run: Run, made: Callable[..., Script]) -> None:
    """Each transaction counts on by what those before it did; what nobody decides by may change."""
    script = made("install", "--all", "--redact", "email")
    posts.execute("ALTER TABLE posts SET (fillfactor = 90); CREATE TABLE more (id int)")
    assert script() == (0, "")
    assert Audit(posts).tracked() == ["notes", "people", "posts"]
    assert run("status")[0] == 0
    refused(posts, script, 'ERROR:  the audit trail of "public"."notes" is not as it was', AGAIN)
    posts.execute("""ALTER TABLE posts ADD added int; ALTER TABLE notes ADD added int; DROP TABLE people;
        INSERT INTO posts VALUES (1, 'a', 'b', 7)""")
    script = made("sync")
    assert script() == (0, "")
    assert run("status")[0] == 0
    refused(posts, script, "is not as it was", AGAIN)
    script = made("install", "--table", "posts", "--as", "articles")
    assert script() == (0, "")
    assert Audit(posts).tracked() == ["articles", "notes"]
    assert run("status")[0] == 0
    refused(posts, script, "is not as it was", AGAIN)


def test_whoever_runs_it_sees_what_was_done_while_it_waited(
    posts: Conn, run: Run, made: Callable[..., Script], db: str, connect: Connect
) -> None:
    """A snapshot that was taken before the lock of installers would show the books as they were."""
    assert run(*INSTALL)[0] == 0
    script = made(*INSTALL, "--redact", "email")
    posts.execute(
        f"ALTER DATABASE \"{posts.info.dbname}\" SET default_transaction_isolation = 'repeatable read'".encode()
    )
    waits = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    other, done = connect(db, autocommit=True), []
    with other.transaction():
        Audit(other).install("posts", context="require", in_transaction=True)
        thread = threading.Thread(target=lambda: done.append(script()))
        thread.start()
        end = time.monotonic() + 20
        while not posts.execute(waits.encode()).fetchall():
            assert time.monotonic() < end, "nobody waits for the lock of installers"
            time.sleep(0.01)
    thread.join()
    assert (done[0][0], "is not as it was when this was made: book, functions" in done[0][1]) == (3, True), (
        done
    )
    assert Audit(posts).status()[0].options["context"] == "require"


def test_going_on_where_it_stopped(
    posts: Conn, run: Run, made: Callable[..., Script], tmp_path: Path
) -> None:
    """What came before is done: without it, the rest still fits."""
    script = made("install", "--table", "people", "--table", "posts")
    whole = (tmp_path / "install.sql").read_text()
    head, first, rest = whole.split("\nBEGIN ISOLATION LEVEL READ COMMITTED;\n")
    (tmp_path / "install.sql").write_text("\nBEGIN ISOLATION LEVEL READ COMMITTED;\n".join([head, first]))
    assert script() == (0, "")
    (tmp_path / "install.sql").write_text("\nBEGIN ISOLATION LEVEL READ COMMITTED;\n".join([head, rest]))
    assert script() == (0, "")
    assert run("status")[0] == 0


@pytest.mark.parametrize("then", ["install", "uninstall"])
def test_twice_the_same_table_in_a_rehearsal(
    posts: Conn, made: Callable[..., Script], tmp_path: Path, then: str
) -> None:
    """A rehearsal makes no triggers, so what comes second was made for a table without: refused, not half right."""
    audit = Audit(posts)
    script = made(*INSTALL)
    with audit.rehearsal() as rehearsal:
        audit.install("posts")
        audit.install("posts", exclude=["email"]) if then == "install" else audit.uninstall("posts")
    (tmp_path / "install.sql").write_text(rehearsal.sql)
    code, err = script()
    assert (code, "is not as it was when this was made" in err) == (3, True)
    assert [one.state for one in audit.status()] == ["installed"]


def test_a_schema_that_was_migrated_meanwhile(posts: Conn, run: Run, made: Callable[..., Script]) -> None:
    """By a newer release, say: its functions do not become old ones again."""
    posts.execute("UPDATE pgaudit_py.migration SET checksum = 'old' WHERE name = 'functions/log.sql'")
    script = made("migrate")
    posts.execute("UPDATE pgaudit_py.migration SET checksum = 'newer' WHERE name = 'functions/log.sql'")
    refused(posts, script, "schema pgaudit_py is not as it was when this was made", "run already")
    posts.execute("UPDATE pgaudit_py.migration SET checksum = 'old' WHERE name = 'functions/log.sql'")
    assert script() == (0, "")
    assert not Audit(posts).plan_migration()


def test_a_schema_for_its_owner_a_second_time(
    bare_db: str, connect: Connect, made: Callable[..., Script]
) -> None:
    """Refused before the role is made, which would fail without saying why."""
    script = made("migrate", "--owner", "owner_in_a_script", dsn=bare_db)
    assert script() == (0, "")
    code, err = script()
    assert (code, "schema pgaudit_py is not as it was when this was made" in err) == (3, True)
    with connect(bare_db, autocommit=True) as conn:
        Audit(conn).drop_schema()
        conn.execute("DROP ROLE owner_in_a_script")


# --- uninstall ---


@pytest.mark.parametrize(
    "done",
    [
        "uninstall --table posts --yes",
        "install --table posts --as articles",
        "ALTER TABLE posts RENAME TO articles",
        'ALTER TRIGGER "00_pgaudit_py" ON posts RENAME TO zz',
        "CREATE TRIGGER zz AFTER INSERT ON people FOR EACH ROW EXECUTE FUNCTION pgaudit_py.capture_1()",
        "COMMENT ON FUNCTION pgaudit_py.capture_1_truncate() IS 'pgaudit-py: install let the owner of the log read the table'",
        "UPDATE pgaudit_py.tracked_table SET subject_type = 'articles'",
    ],
)
def test_an_uninstall_of_something_else(
    posts: Conn, run: Run, made: Callable[..., Script], done: str
) -> None:
    assert run(*INSTALL)[0] == 0
    script = made("uninstall", "--table", "posts")
    do(posts, run, done)
    refused(posts, script, "the audit trail of posts is not as it was when this was made", AGAIN)
    posts.execute("DROP TRIGGER IF EXISTS zz ON people")


def test_a_number_that_is_of_another_table(posts: Conn, run: Run, made: Callable[..., Script]) -> None:
    assert run(*INSTALL)[0] == 0
    script = made("uninstall", "--table", "posts")
    assert run("uninstall", "--all", "--drop-log", "--yes")[0] == 0
    assert run("install", "--table", "people")[0] == 0
    refused(posts, script, "the audit trail of posts is not as it was", AGAIN)


def test_an_uninstall_goes_by_what_it_takes_away(posts: Conn, run: Run, made: Callable[..., Script]) -> None:
    """Other options are no reason to refuse it."""
    assert run("install", "--table", "posts", "--table", "people")[0] == 0
    script = made("uninstall", "--all")
    assert run(*INSTALL, "--exclude", "email")[0] == 0
    assert run("install", "--table", "notes")[0] == 0
    assert script() == (0, "")
    assert Audit(posts).tracked() == ["notes"]
    refused(posts, script, "the audit trail of people is not as it was", AGAIN)


def test_a_table_that_came_back(posts: Conn, run: Run, made: Callable[..., Script]) -> None:
    assert run(*INSTALL)[0] == 0
    posts.execute("DROP TABLE posts")
    script = made("sync")
    posts.execute("CREATE TABLE posts (id int PRIMARY KEY)")
    assert run(*INSTALL)[0] == 0
    refused(posts, script, "the audit trail of posts is not as it was", AGAIN)


def test_a_table_that_would_be_uninstalled_unsaid(posts: Conn, run: Run, made: Callable[..., Script]) -> None:
    assert run(*INSTALL)[0] == 0
    script = made("uninstall", "--all", "--drop-log")
    assert run("install", "--table", "people")[0] == 0
    refused(posts, script, "audited as well, since this was made: people")
    assert run("uninstall", "--table", "people", "--yes")[0] == 0
    assert script() == (0, "")
    assert posts.execute("SELECT to_regnamespace('pgaudit_py')").fetchone() == (None,)
