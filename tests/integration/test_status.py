"""What has become of an install, told from the catalog, and put right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from pgaudit_py import Audit, TableStatus
from pgaudit_py.errors import OptionError, PrivilegeMissing, RestoreImpossible, TableNotTracked
from pgaudit_py.resources import template_folder
from tests.conftest import Conn, Connect, Reload

pytestmark = pytest.mark.every_major


@pytest.fixture
def posts(conn: Conn, audit: Audit) -> Conn:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text, n int)")
    audit.install("posts", exclude=["n"])
    return conn


def only(audit: Audit) -> TableStatus:
    (one,) = audit.status()
    return one


def test_all_is_well(posts: Conn, audit: Audit) -> None:
    one = only(audit)
    assert (one.subject_type, one.table, one.state, one.findings) == (
        "posts", "public.posts", "installed", ()
    )  # fmt: skip
    assert (one.key, one.options["exclude"], one.version) == (("id",), ["n"], "0.2.0")
    assert audit.sync("posts").outcome == "unchanged"


REPLACED = 'CREATE OR REPLACE TRIGGER "00_pgaudit_py" {} ON posts FOR EACH {} EXECUTE FUNCTION pgaudit_py.capture_{}(); ALTER TABLE posts ENABLE ALWAYS TRIGGER "00_pgaudit_py"'
REPLACED_TRUNCATE = 'CREATE OR REPLACE TRIGGER "00_pgaudit_py_truncate" {} ON posts EXECUTE FUNCTION pgaudit_py.capture_1_truncate(); ALTER TABLE posts ENABLE ALWAYS TRIGGER "00_pgaudit_py_truncate"'

TROUBLES = [
    ("missing", 'DROP TRIGGER "00_pgaudit_py" ON posts', "its trigger is gone: changes are not recorded"),
    ("missing", 'DROP TRIGGER "00_pgaudit_py_truncate" ON posts', "its trigger for TRUNCATE is gone"),
    ("missing", "DROP FUNCTION pgaudit_py.capture_1() CASCADE", "its trigger is gone"),
    ("disabled", "ALTER TABLE posts DISABLE TRIGGER ALL", "its trigger 00_pgaudit_py is disabled"),
    ("disabled", 'ALTER TABLE posts ENABLE TRIGGER "00_pgaudit_py"', "does not fire where session_replication_role"),
    ("disabled", 'ALTER TABLE posts ENABLE REPLICA TRIGGER "00_pgaudit_py"', "fires only where session_replication_role"),
    ("modified", 'ALTER TRIGGER "00_pgaudit_py" ON posts RENAME TO zz', "its trigger is called zz"),
    ("modified", "ALTER FUNCTION pgaudit_py.capture_1() SECURITY INVOKER", "its capture functions were changed"),
    ("modified", "ALTER FUNCTION pgaudit_py.capture_1() RESET search_path", "its capture functions were changed"),
    ("modified", "ALTER FUNCTION pgaudit_py.capture_1_truncate() SET search_path = public", "were changed"),
    ("modified", "COMMENT ON FUNCTION pgaudit_py.capture_1() IS NULL", "its capture functions were changed"),
    ("modified", "CREATE OR REPLACE FUNCTION pgaudit_py.capture_1() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN NULL; END'", "were changed"),
    ("modified", REPLACED.format("AFTER INSERT OR UPDATE OR DELETE", "ROW WHEN (false)", "1"), "does not fire for all"),
    ("modified", REPLACED.format("AFTER INSERT", "ROW", "1"), "does not fire for all"),
    ("modified", REPLACED.format("AFTER INSERT OR UPDATE OF title OR DELETE", "ROW", "1"), "does not fire for all"),
    ("modified", REPLACED.format("BEFORE INSERT OR UPDATE OR DELETE", "ROW", "1"), "does not fire for all"),
    ("modified", REPLACED_TRUNCATE.format("AFTER TRUNCATE"), "does not fire for all"),
    ("modified", REPLACED_TRUNCATE.format("BEFORE INSERT"), "does not fire for all"),
    ("modified", "CREATE OR REPLACE FUNCTION pgaudit_py.capture_1_shape() RETURNS jsonb LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS 'SELECT NULL::jsonb'", "were changed"),
    ("modified", "DROP FUNCTION pgaudit_py.capture_1_shape()", "were changed"),
    ("drifted", "ALTER TABLE posts ADD added int", "column added (integer) was added"),
    ("drifted", "ALTER TABLE posts DROP title", "column title (text) was dropped"),
    ("drifted", "ALTER TABLE posts RENAME title TO name", "column title was renamed to name"),
    ("drifted", "ALTER TABLE posts ALTER title TYPE varchar(10)", "column title is character varying now, and was text"),
    ("drifted", "ALTER TABLE posts DROP CONSTRAINT posts_pkey", "the key is none now, and was id"),
    ("outdated", "ALTER TABLE posts RENAME TO articles", None),
]  # fmt: skip


@pytest.mark.parametrize(("state", "trouble", "detail"), TROUBLES)
def test_each_trouble_is_named_and_put_right(
    posts: Conn, audit: Audit, state: str, trouble: str, detail: str | None
) -> None:
    posts.execute(trouble)
    one = only(audit)
    if detail is None:  # a renamed table goes on as it was
        assert (one.state, one.table) == ("installed", "public.articles")
        return
    assert one.state == state
    assert detail in " ".join(finding.detail for finding in one.findings)
    assert all("pgaudit-py sync" in finding.fix for finding in one.findings)
    assert audit.sync("posts").outcome == "updated"
    one = only(audit)
    assert (one.state, one.findings, one.options["exclude"]) == ("installed", (), ["n"])
    posts.execute("INSERT INTO posts (id) VALUES (1)")
    assert audit.activity(limit=1).items[0].action == "created"
    assert audit.sync("posts").outcome == "unchanged"


def test_another_function_of_the_name_is_none_of_ours(posts: Conn, audit: Audit) -> None:
    posts.execute("CREATE FUNCTION pgaudit_py.capture_1_shape(int) RETURNS int LANGUAGE sql AS 'SELECT 1'")
    assert only(audit).state == "installed"
    assert audit.sync("posts").outcome == "unchanged"


def test_our_trigger_on_somebody_elses_table(posts: Conn, audit: Audit) -> None:
    """Its rows are not those of the table; only a person can tell what it is for."""
    posts.execute("CREATE TABLE other (id int PRIMARY KEY)")
    posts.execute(
        'CREATE TRIGGER "00_pgaudit_py" AFTER INSERT ON other FOR EACH ROW EXECUTE FUNCTION pgaudit_py.capture_1()'
    )
    one = only(audit)
    assert (one.state, one.table, len(one.findings)) == ("modified", "public.posts", 1)
    assert (
        one.findings[0].detail
        == "public.other has its trigger 00_pgaudit_py too: rows of it are recorded as posts"
    )
    assert one.findings[0].fix == 'DROP TRIGGER "00_pgaudit_py" ON public.other'
    posts.execute(one.findings[0].fix.encode())
    assert only(audit).state == "installed"


@pytest.mark.parametrize(
    "lost",
    [
        'DROP TRIGGER "00_pgaudit_py" ON posts',
        'DROP TRIGGER "00_pgaudit_py" ON posts; DROP TRIGGER "00_pgaudit_py_truncate" ON posts',
    ],
)
def test_our_trigger_on_somebody_elses_table_alone(posts: Conn, audit: Audit, lost: str) -> None:
    """Where the table is still there, no other one is taken for it."""
    posts.execute(
        "INSERT INTO posts VALUES (1, 'Tea'); CREATE TABLE other (id int PRIMARY KEY, title text, n int)"
    )
    posts.execute(
        "CREATE TRIGGER zz AFTER INSERT OR UPDATE OR DELETE ON other FOR EACH ROW EXECUTE FUNCTION pgaudit_py.capture_1()"
    )
    posts.execute(lost.encode())
    one = only(audit)
    assert (one.state, one.table) == ("missing", "public.posts")
    assert "public.other has its trigger zz too" in one.findings[-1].detail
    with pytest.raises(RestoreImpossible):
        audit.plan_restore(version=audit.activity().items[0].id)
    assert audit.sync("posts").outcome in {"updated", "installed"}
    assert audit.plan_restore(version=audit.activity().items[0].id).table_name == "posts"
    posts.execute(one.findings[-1].fix.encode())
    assert only(audit).state == "installed"


def test_our_trigger_on_somebody_elses_table_after_a_dump(
    posts: Conn, audit: Audit, db: str, reload: Reload
) -> None:
    """Its oid says nothing, but its name does; a table that was renamed since is the one that has the triggers."""
    posts.execute("CREATE TABLE a_table (id int PRIMARY KEY, title text, n int)")
    posts.execute(
        "CREATE TRIGGER zz AFTER INSERT ON a_table FOR EACH ROW EXECUTE FUNCTION pgaudit_py.capture_1()"
    )
    loaded = reload(db)
    assert only(Audit(loaded)).table == "public.posts"
    assert loaded.execute("SELECT pgaudit_py.live_table('posts')::regclass::text").fetchone() == ("posts",)
    loaded.execute("DROP TRIGGER zz ON a_table; ALTER TABLE posts RENAME TO articles")
    assert only(Audit(loaded)).table == "public.articles"
    assert loaded.execute("SELECT pgaudit_py.live_table('posts')::regclass::text").fetchone() == ("articles",)
    posts.execute("DROP TRIGGER zz ON a_table")


def test_a_stray_trigger_in_a_dump_takes_no_line_over(
    posts: Conn, audit: Audit, db: str, reload: Reload
) -> None:
    """Not even where its table has the name that the audited one had."""
    posts.execute("ALTER TABLE posts RENAME TO articles; CREATE TABLE posts (id int PRIMARY KEY)")
    posts.execute(
        "CREATE TRIGGER zz AFTER INSERT ON posts FOR EACH ROW EXECUTE FUNCTION pgaudit_py.capture_1()"
    )
    loaded = reload(db)
    assert only(Audit(loaded)).table == "public.articles"
    posts.execute("DROP TABLE posts")


def test_a_stray_trigger_takes_no_line_over(posts: Conn, audit: Audit) -> None:
    posts.execute("CREATE TABLE other (id int PRIMARY KEY)")
    posts.execute(
        'CREATE TRIGGER "00_pgaudit_py" AFTER INSERT ON other FOR EACH ROW EXECUTE FUNCTION pgaudit_py.capture_1()'
    )
    installed = audit.install("other")
    assert (installed.subject_type, installed.outcome) == ("other", "installed")
    assert {one.subject_type: (one.table, one.state) for one in audit.status()} == {
        "other": ("public.other", "installed"),
        "posts": ("public.posts", "installed"),
    }
    posts.execute("INSERT INTO other VALUES (1); INSERT INTO posts (id) VALUES (1)")
    assert [one.subject_type for one in audit.activity()] == ["posts", "other"]


def test_several_at_once(posts: Conn, audit: Audit) -> None:
    posts.execute(
        'DROP TRIGGER "00_pgaudit_py_truncate" ON posts; ALTER TABLE posts DISABLE TRIGGER USER, ADD x int'
    )
    one = only(audit)
    assert (one.state, [finding.state for finding in one.findings]) == (
        "missing",
        ["missing", "disabled", "drifted"],
    )


def test_a_table_that_is_gone(posts: Conn, audit: Audit) -> None:
    posts.execute("INSERT INTO posts VALUES (1, 'Tea')")
    posts.execute("DROP TABLE posts")
    one = only(audit)
    assert (one.state, one.table) == ("orphaned", None)
    assert "its table public.posts is gone" in one.findings[0].detail
    assert audit.sync("posts").outcome == "forgotten"
    assert audit.status() == []
    altered, created = audit.activity(subject="posts")
    assert (altered.altered, created.action) == ({"table": ["public.posts", None]}, "created")
    assert posts.execute("SELECT count(*) FROM pg_proc WHERE proname LIKE 'capture\\_1%'").fetchone() == (0,)


def test_rendered_by_other_templates(
    posts: Conn, audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after an upgrade whose templates say it otherwise."""
    import shutil

    from pgaudit_py import render

    shutil.copytree(template_folder(), tmp_path / "templates")
    changed = tmp_path / "templates/sql/capture.sql.j2"
    changed.write_text(changed.read_text().replace("    RETURN NULL;\nEND", "    RETURN NULL;  -- anew\nEND"))
    monkeypatch.setattr(render, "template_folder", lambda: tmp_path / "templates")
    render._environment.cache_clear()
    try:
        one = only(audit)
        assert (one.state, one.findings[0].detail) == (
            "outdated",
            "this version renders what 0.2.0 did otherwise",
        )
        assert audit.sync("posts").outcome == "updated"
        assert only(audit).state == "installed"
    finally:
        render._environment.cache_clear()
    posts.execute("INSERT INTO posts VALUES (1)")


def test_a_key_that_is_unique_no_longer(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (id int NOT NULL CONSTRAINT one UNIQUE, n int)")
    audit.install("t", key=["id"])
    conn.execute("ALTER TABLE t DROP CONSTRAINT one")
    (one,) = audit.status()
    assert (one.state, one.findings[0].detail) == ("drifted", "two records of public.t may have the same id")
    with pytest.raises(OptionError, match="may have the same id"):
        audit.sync("t")
    conn.execute("INSERT INTO t VALUES (1, 1)")
    assert len(audit.history("t", 1)) == 1


def test_an_excluded_column_that_is_gone_is_forgotten(posts: Conn, audit: Audit) -> None:
    posts.execute("ALTER TABLE posts DROP n")
    assert audit.sync("posts").outcome == "updated"
    assert only(audit).options["exclude"] == []
    posts.execute("ALTER TABLE posts ADD n int")
    audit.sync("posts")
    posts.execute("INSERT INTO posts VALUES (1, 'a', 2)")
    snapshot = audit.activity(limit=1).items[0].snapshot
    assert snapshot
    assert snapshot["n"] == 2  # another column of the same name


def test_nobody_elses_table(posts: Conn, audit: Audit) -> None:
    posts.execute("CREATE TABLE others (id int)")
    with pytest.raises(TableNotTracked):
        audit.sync("others")


def test_without_any_right_on_the_tables(
    role: Callable[[], str], posts: Conn, audit: Audit, db: str, connect: Connect
) -> None:
    """Looking takes no right on the tables; the fix does."""
    reader = role()
    posts.execute(f'GRANT USAGE ON SCHEMA pgaudit_py TO "{reader}"; GRANT SELECT ON ALL TABLES IN SCHEMA pgaudit_py TO "{reader}"; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pgaudit_py TO "{reader}"')  # fmt: skip
    theirs = Audit(connect(db, user=reader, autocommit=True))
    posts.execute('ALTER TABLE posts DISABLE TRIGGER "00_pgaudit_py"')
    assert [one.state for one in theirs.status()] == ["disabled"]
    with pytest.raises(PrivilegeMissing):
        theirs.sync("posts")


def test_an_owner_of_the_log_who_sees_no_rows(
    role: Callable[[], str], db: str, connect: Connect, conn: Conn, audit: Audit
) -> None:
    owner, other = role(), role()
    conn.execute(f'ALTER SCHEMA pgaudit_py OWNER TO "{owner}"')
    conn.execute(f"""DO $$ DECLARE r record; BEGIN
        FOR r IN SELECT oid::regclass AS n, relkind FROM pg_class WHERE relnamespace = 'pgaudit_py'::regnamespace AND relkind IN ('r', 'p', 'v') LOOP
            EXECUTE format('ALTER %s %s OWNER TO "{owner}"', CASE r.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, r.n); END LOOP;
        FOR r IN SELECT oid::regprocedure AS n FROM pg_proc WHERE pronamespace = 'pgaudit_py'::regnamespace LOOP
            EXECUTE format('ALTER FUNCTION %s OWNER TO "{owner}"', r.n); END LOOP; END $$""")
    conn.execute(f'CREATE TABLE posts (id int PRIMARY KEY); ALTER TABLE posts OWNER TO "{other}"')
    audit.install("posts")
    conn.execute(f'REVOKE ALL ON posts FROM "{owner}"')
    one = only(audit)
    assert (one.state, one.findings[0].state) == ("limited", "limited")
    assert f"{owner}, who owns the log, may not read the table" in one.findings[0].detail
    assert audit.sync("posts").outcome == "updated"
    assert only(audit).state == "installed"
    conn.execute("ALTER TABLE posts ENABLE ROW LEVEL SECURITY")
    assert "row security hides" in only(audit).findings[0].detail
    assert audit.sync("posts").outcome == "unchanged"
    assert only(audit).state == "limited"


def test_in_the_callers_transaction(posts: Conn, audit: Audit, db: str, connect: Connect) -> None:
    theirs = connect(db)
    assert [one.state for one in Audit(theirs).status()] == ["installed"]
    assert theirs.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
    assert theirs.execute("SHOW search_path").fetchone() == ('"$user", public',)
