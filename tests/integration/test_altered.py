"""What becomes of an audited table's definition is in the log: by sync, or at once where an event trigger watches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pgaudit_py import Audit, set_actor
from pgaudit_py.alterations import said
from tests.conftest import Conn, Connect, Reload, Run

CREATE = """CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE DOMAIN label AS text;
    CREATE TABLE posts (id int PRIMARY KEY, title text, n int, old text, feeling mood, tag label)"""


@pytest.fixture
def posts(conn: Conn, audit: Audit) -> Conn:
    conn.execute(CREATE)
    audit.install("posts", redact=["title"])
    conn.execute("INSERT INTO posts VALUES (1, 'secret', 1, 'x', 'sad', 'red')")
    return conn


@pytest.fixture
def watched(posts: Conn, audit: Audit) -> Iterator[Conn]:
    """The same, with the event triggers; nothing that they do may fail."""
    assert audit.migrate(event_trigger=True).event_trigger is True
    warnings: list[str] = []
    posts.add_notice_handler(lambda notice: warnings.append(notice.message_primary or ""))
    yield posts
    assert [one for one in warnings if "pgaudit-py:" in one] == []


def altered(audit: Audit, subject: str = "posts") -> list[Any]:
    """What the log says was altered, oldest first."""
    return [one.altered for one in audit.activity(subject=subject, action="altered")][::-1]


SIMPLE = {
    "ALTER TABLE posts ADD color text": {"added": {"color": "text"}},
    "ALTER TABLE posts ADD color text, ADD size int, DROP old": {
        "added": {"color": "text", "size": "integer"}, "dropped": {"old": "text"},
    },
    "ALTER TABLE posts RENAME n TO number": {"renamed": {"n": "number"}},
    "ALTER TABLE posts RENAME title TO headline": {"renamed": {"title": "headline"}},
    "ALTER TABLE posts ALTER n TYPE text": {"retyped": {"n": ["integer", "text"]}},
    "ALTER TABLE posts ADD loud text GENERATED ALWAYS AS (upper(old)) STORED": {"added": {"loud": "text"}},
    "ALTER TABLE posts DROP CONSTRAINT posts_pkey": {"key": [["id"], []]},
    "ALTER TABLE posts RENAME TO articles": {"table": ["public.posts", "public.articles"]},
    "CREATE SCHEMA shop; ALTER TABLE posts SET SCHEMA shop": {"table": ["public.posts", "shop.posts"]},
    'ALTER INDEX posts RENAME TO "Po sts"': {"table": ["public.posts", 'public."Po sts"']},
    "ALTER TYPE mood RENAME TO temper": {"retyped": {"feeling": ["public.mood", "public.temper"]}},
    "ALTER DOMAIN label RENAME TO mark": {"retyped": {"tag": ["public.label", "public.mark"]}},
    "ALTER SCHEMA public RENAME TO shop": {
        "table": ["public.posts", "shop.posts"],
        "retyped": {"feeling": ["public.mood", "shop.mood"], "tag": ["public.label", "shop.label"]},
    },
    "DROP TYPE mood CASCADE": {"dropped": {"feeling": "public.mood"}},
    "DROP DOMAIN label CASCADE": {"dropped": {"tag": "public.label"}},
    "DO $$BEGIN ALTER TABLE posts ADD color text; END$$": {"added": {"color": "text"}},
}  # fmt: skip


@pytest.mark.parametrize("command", SIMPLE)
def test_at_once(watched: Conn, audit: Audit, command: str) -> None:
    with watched.transaction():
        set_actor(watched, 42)
        watched.execute(command.encode())
    (one,) = audit.activity(action="altered")
    assert (one.altered, one.operation, one.subject, one.causer, one.db_role) == (
        SIMPLE[command], None, "posts", "42", "postgres",
    )  # fmt: skip
    audit.sync(as_="posts")
    assert altered(audit) == [SIMPLE[command]]
    assert [one.state for one in audit.status()] == ["installed"]
    if "DROP CONSTRAINT" not in command:
        assert [one.action for one in audit.history("posts", 1)] == ["created"]


@pytest.mark.parametrize("command", SIMPLE)
def test_by_sync(posts: Conn, audit: Audit, command: str) -> None:
    posts.execute(command.encode())
    assert altered(audit) == []
    with posts.transaction():
        set_actor(posts, 42)
        audit.sync(as_="posts", in_transaction=True)
    (one,) = audit.activity(action="altered")
    assert (one.altered, one.operation, one.causer) == (SIMPLE[command], None, "42")
    audit.sync(as_="posts")
    assert altered(audit) == [SIMPLE[command]]


def test_step_by_step(watched: Conn, audit: Audit) -> None:
    """Each is told by the one before, in one transaction or several; a column that is known is followed by its number."""
    with watched.transaction():
        watched.execute("ALTER TABLE posts RENAME n TO number")
        watched.execute("ALTER TABLE posts ALTER number TYPE text")
        watched.execute("UPDATE posts SET number = '2'")
    watched.execute("ALTER TABLE posts RENAME old TO n")
    watched.execute("ALTER TABLE posts DROP n; ALTER TABLE posts ADD n int; ALTER TABLE posts DROP n")
    with watched.transaction(force_rollback=True):
        watched.execute("ALTER TABLE posts ADD never int")
    audit.sync("posts")
    assert altered(audit) == [
        {"renamed": {"n": "number"}},
        {"retyped": {"number": ["integer", "text"]}},
        {"renamed": {"old": "n"}},
        {"dropped": {"n": "text"}},
        {"added": {"n": "integer"}},
        {"dropped": {"n": "integer"}},
    ]
    assert [one.action for one in audit.history("posts", 1)] == ["created", "updated"]
    assert audit.history("posts", 1)[1].changes["number"].new == "2"


def test_what_is_no_alteration(watched: Conn, audit: Audit) -> None:
    watched.execute("""ALTER TABLE posts ALTER n SET DEFAULT 3, ALTER n SET STATISTICS 10; COMMENT ON TABLE posts IS 'x';
        CREATE INDEX ON posts (n); ALTER TABLE posts ADD CHECK (n < 100); ALTER TABLE posts REPLICA IDENTITY FULL;
        ALTER TYPE mood ADD VALUE 'so so'; CREATE TRIGGER a AFTER INSERT ON posts FOR EACH STATEMENT EXECUTE FUNCTION suppress_redundant_updates_trigger();
        DROP TRIGGER a ON posts; GRANT SELECT ON posts TO PUBLIC; ALTER TABLE posts RENAME CONSTRAINT posts_pkey TO p""")
    watched.execute("CREATE INDEX CONCURRENTLY idle ON posts (old)")
    watched.execute("DROP INDEX CONCURRENTLY idle")
    audit.install("posts", redact=[], snapshots="all")
    audit.uninstall("posts")
    audit.install("posts")
    assert altered(audit) == []


def test_another_key(watched: Conn, audit: Audit) -> None:
    watched.execute("ALTER TABLE posts ALTER n SET NOT NULL; CREATE UNIQUE INDEX by_n ON posts (n)")
    audit.install("posts", as_="notes", key=["n"])
    watched.execute("ALTER TABLE posts RENAME n TO number")
    watched.execute("ALTER TABLE posts DROP CONSTRAINT posts_pkey")
    assert altered(audit, "notes") == [{"renamed": {"n": "number"}}]
    watched.execute("DROP INDEX by_n")
    assert altered(audit, "notes")[1:] == [{"key": [["number"], []]}]
    watched.execute("ALTER TABLE posts ADD PRIMARY KEY (number, id)")
    assert altered(audit, "notes")[2:] == [{"key": [[], ["number", "id"]]}]


def test_names_that_need_quotes(watched: Conn, audit: Audit) -> None:
    watched.execute('CREATE SCHEMA "Sh.op"; CREATE TABLE "Sh.op"."a""b" (id int NOT NULL, "x y" int)')
    watched.execute('CREATE UNIQUE INDEX "by Id" ON "Sh.op"."a""b" (id)')
    audit.install('"Sh.op"."a""b"', as_="odd", key=["id"])
    watched.execute("SET quote_all_identifiers = on")
    watched.execute('ALTER TABLE "Sh.op"."a""b" RENAME "x y" TO "X"')
    watched.execute('DROP TRIGGER "00_pgaudit_py" ON "Sh.op"."a""b"')
    watched.execute('DROP INDEX "Sh.op"."by Id"')
    watched.execute('DROP TABLE "Sh.op"."a""b"')
    assert altered(audit, "odd") == [
        {"renamed": {"x y": "X"}},
        {"triggers": {"00_pgaudit_py": ["always", None]}},
        {"key": [["id"], []]},
        {"table": ['"Sh.op"."a""b"', None]},
    ]


def test_a_table_dropped_and_made_anew(watched: Conn, audit: Audit) -> None:
    watched.execute("DROP TABLE posts")
    watched.execute("CREATE TABLE posts (title text, id int PRIMARY KEY, extra int)")
    assert altered(audit) == [{"table": ["public.posts", None]}]
    audit.install("posts")
    assert altered(audit)[1:] == [{
        "table": [None, "public.posts"], "added": {"extra": "integer"},
        "dropped": {"n": "integer", "old": "text", "feeling": "public.mood", "tag": "public.label"},
    }]  # fmt: skip
    watched.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    assert altered(audit)[2:] == [{"table": ["public.posts", None]}]
    assert audit.sync(as_="posts").outcome == "forgotten"
    assert len(altered(audit)) == 3


TRIGGERS: dict[str, dict[str, list[str | None]]] = {
    'ALTER TABLE posts DISABLE TRIGGER "00_pgaudit_py"': {"00_pgaudit_py": ["always", "disabled"]},
    "ALTER TABLE posts DISABLE TRIGGER ALL": {
        "00_pgaudit_py": ["always", "disabled"], "00_pgaudit_py_truncate": ["always", "disabled"],
    },
    'ALTER TABLE posts ENABLE REPLICA TRIGGER "00_pgaudit_py"': {"00_pgaudit_py": ["always", "replication only"]},
    'ALTER TABLE posts ENABLE TRIGGER "00_pgaudit_py"': {"00_pgaudit_py": ["always", "not in replication"]},
    'DROP TRIGGER "00_pgaudit_py" ON posts': {"00_pgaudit_py": ["always", None]},
    'DROP TRIGGER "00_pgaudit_py_truncate" ON posts': {"00_pgaudit_py_truncate": ["always", None]},
    'ALTER TRIGGER "00_pgaudit_py" ON posts RENAME TO zz': {"00_pgaudit_py": ["always", "always, as zz"]},
    "DROP FUNCTION pgaudit_py.capture_1() CASCADE": {"00_pgaudit_py": ["always", None]},
}  # fmt: skip


@pytest.mark.parametrize("replica", [False, True])
@pytest.mark.parametrize("command", TRIGGERS)
def test_somebody_takes_a_trigger_away(watched: Conn, audit: Audit, command: str, replica: bool) -> None:
    if replica:
        watched.execute("SET session_replication_role = replica")
    watched.execute(command.encode())
    watched.execute("RESET session_replication_role")
    assert altered(audit) == [{"triggers": TRIGGERS[command]}]
    assert audit.sync("posts").outcome in {"updated", "installed"}
    back = {name: sides[::-1] for name, sides in TRIGGERS[command].items()}
    assert altered(audit) == [{"triggers": TRIGGERS[command]}, {"triggers": back}]


def test_triggers_and_columns_at_once(watched: Conn, audit: Audit) -> None:
    watched.execute("ALTER TABLE posts DISABLE TRIGGER USER, ADD color text")
    (one,) = altered(audit)
    assert set(one) == {"triggers", "added"}
    audit.sync("posts")
    assert [set(one) for one in altered(audit)] == [{"triggers", "added"}, {"triggers"}]


@pytest.mark.parametrize("by", ["sync", "event trigger"])
def test_an_inheritance_parent(conn: Conn, audit: Audit, by: str) -> None:
    conn.execute("CREATE TABLE base (id int, n int); CREATE TABLE middle () INHERITS (base)")
    conn.execute("CREATE TABLE heir (id int PRIMARY KEY) INHERITS (middle)")
    audit.install("heir")
    if by != "sync":
        audit.migrate(event_trigger=True)
    conn.execute("INSERT INTO heir VALUES (1, 1); ALTER TABLE base ADD color text")
    conn.execute("ALTER TABLE base RENAME n TO number; ALTER TABLE base DROP color")
    if by == "sync":
        audit.sync("heir")
        assert altered(audit, "heir") == [{"renamed": {"n": "number"}}]
    else:
        assert altered(audit, "heir") == [
            {"added": {"color": "text"}}, {"renamed": {"n": "number"}}, {"dropped": {"color": "text"}},
        ]  # fmt: skip


def test_nobody_can_forge_one(posts: Conn, audit: Audit, connect: Connect, db: str) -> None:
    """What decides what the next alteration is told by comes from the triggers alone."""
    posts.execute(
        """SELECT set_config('pgaudit_py.metadata', '{"_after": {}, "_altered": {"added": {}}, "_partition": "x", "a": 1}', false)"""
    )
    posts.execute(
        """SELECT pgaudit_py.log('altered', 'posts', NULL, '{"_after": {"columns": {}}, "_altered": {"added": {"x": "y"}}}')"""
    )
    posts.execute("UPDATE posts SET n = 5")
    for one in audit.activity(limit=2):
        assert not {"_after", "_altered", "_partition"} & set(one.metadata)
    posts.execute("ALTER TABLE posts ADD color text")
    audit.sync("posts")
    assert altered(audit)[-1] == {"added": {"color": "text"}}


def test_on_the_page(watched: Conn, run: Run) -> None:
    watched.execute("ALTER TABLE posts RENAME n TO number; ALTER TABLE posts DISABLE TRIGGER USER, DROP old")
    code, out, _ = run("activity", "--action", "altered")
    assert code == 0
    for words in (
        "column n was renamed to number", "column old (text) was dropped", "trigger 00_pgaudit_py: disabled, and was always",
    ):  # fmt: skip
        assert words in out
    code, out, _ = run("-o", "json", "activity", "--action", "altered", "--limit", "1")
    assert '"_altered": {"dropped": {"old": "text"}, "triggers"' in out
    code, out, _ = run("history", "posts", "1")
    assert "altered" not in out


def test_status_names_each(posts: Conn, audit: Audit) -> None:
    posts.execute(
        "ALTER TABLE posts RENAME n TO number; ALTER TABLE posts ADD color text; ALTER TABLE posts DROP old"
    )
    posts.execute("ALTER TABLE posts DROP CONSTRAINT posts_pkey; ALTER TABLE posts ALTER number TYPE bigint")
    (finding,) = [one for one in audit.status()[0].findings if one.state == "drifted"]
    assert finding.detail == (
        "column n was renamed to number; column color (text) was added; column old (text) was dropped; "
        "column number is bigint now, and was integer; the key is none now, and was id"
    )
    assert finding.fix == "Run `pgaudit-py sync`."
    audit.sync("posts")
    posts.execute("""ALTER TABLE posts ALTER title TYPE text COLLATE "C" """)
    (finding,) = audit.status()[0].findings
    assert finding.detail == "its columns are others than when it was installed"


def test_shapes_keep_each(posts: Conn, audit: Audit) -> None:
    for command in ("ADD a int", "RENAME a TO b", "ALTER b TYPE bigint", "DROP b", "ADD b int"):
        posts.execute(f"ALTER TABLE posts {command}".encode())
        audit.sync("posts")
    shapes = posts.execute("""SELECT jsonb_object_agg(c.key, c.value -> 'attnum') FILTER (WHERE c.key IN ('a', 'b')), max(c.value ->> 'type') FILTER (WHERE c.key IN ('a', 'b'))
        FROM pgaudit_py.table_shape AS s CROSS JOIN jsonb_each(s.columns) AS c GROUP BY s.id ORDER BY s.id""").fetchall()
    assert shapes == [
        (None, None), ({"a": 7}, "integer"), ({"b": 7}, "integer"), ({"b": 7}, "bigint"), (None, None), ({"b": 8}, "integer"),
    ]  # fmt: skip
    assert len(altered(audit)) == 5


def test_a_dump_is_no_alteration(watched: Conn, audit: Audit, db: str, reload: Reload) -> None:
    watched.execute("ALTER TABLE posts DROP old, ADD color text; ALTER TABLE posts ADD late int")
    audit.sync("posts")
    there = Audit(reload(db))
    there.sync("posts")
    assert altered(there) == altered(audit)
    assert [one.state for one in there.status()] == ["installed"]
    there.conn.execute("ALTER TABLE posts RENAME color TO colour")
    assert altered(there)[-1] == {"renamed": {"color": "colour"}}
    there.sync("posts")
    assert len(altered(there)) == len(altered(audit)) + 1


def test_a_setting_does_not_say_where_a_row_was(posts: Conn, audit: Audit) -> None:
    with posts.transaction():
        posts.execute("UPDATE posts SET n = 2")
        posts.execute("""SELECT set_config('pgaudit_py.metadata', '{"_partition": "elsewhere"}', true)""")
        posts.execute("UPDATE posts SET n = 3")
    assert [one.metadata.get("_partition") for one in audit.activity(action="updated")] == [None, None]


def test_in_words() -> None:
    assert said({"table": [None, "public.a"], "generated": {"n": [False, True], "m": [True, False]}}) == [
        "table public.a was made anew", "column n is now generated", "column m is no longer generated",
    ]  # fmt: skip
    assert said({"table": ["public.a", None], "triggers": {"x": [None, "always"]}}) == [
        "table public.a was dropped", "trigger x: always, and was gone",
    ]  # fmt: skip
