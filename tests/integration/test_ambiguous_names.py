"""One table is called what another table's records are called: what takes away asks which, what reads goes by the log."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from pgaudit_py import AsyncAudit, Audit
from pgaudit_py.errors import OptionError, TableNotTracked
from tests.conftest import Conn, Run


@pytest.fixture
def posts(conn: Conn, audit: Audit) -> Conn:
    """Table posts is audited as articles, table drafts as posts."""
    conn.execute(
        """CREATE TABLE posts (id int PRIMARY KEY, title text); CREATE TABLE drafts (id int PRIMARY KEY, title text)"""
    )
    audit.install("posts", as_="articles")
    audit.install("drafts", as_="posts")
    conn.execute("INSERT INTO posts VALUES (1, 'a post'); INSERT INTO drafts VALUES (1, 'a draft')")
    return conn


BOTH = "'posts' means two tables: public.drafts, whose records are called so, and public.posts, whose records are called 'articles'"


def test_what_takes_away_asks_which(posts: Conn, audit: Audit) -> None:
    for call in (audit.uninstall, audit.sync):
        with pytest.raises(OptionError, match=BOTH) as error:
            call("posts")
        assert error.value.hint == "Write public.drafts or public.posts."
    assert audit.tracked() == ["articles", "posts"]
    assert audit.uninstall("public.posts") == "articles"
    assert audit.uninstall("posts") == "posts"


def test_by_the_name_in_the_log(posts: Conn, audit: Audit) -> None:
    assert audit.sync(as_="posts").subject_type == "posts"
    assert audit.uninstall(as_="posts") == "posts"
    assert audit.tracked() == ["articles"]
    for call in (audit.uninstall, audit.sync):
        with pytest.raises(TableNotTracked, match="no audited table's records are called 'posts'"):
            call(as_="posts")
        with pytest.raises(OptionError, match="a table is named by its name or by as_"):
            call()
        with pytest.raises(OptionError, match="a table is named by its name or by as_"):
            call("posts", as_="posts")
    assert audit.sync("posts").subject_type == "articles"


def test_the_same_asynchronously(posts: Conn, db: str) -> None:
    async def both() -> None:
        async with await psycopg.AsyncConnection.connect(db, autocommit=True) as conn:
            audit = AsyncAudit(conn)
            assert await audit.full_name("posts") == "public.posts"
            assert await audit.subject_type("posts") == "posts"
            with pytest.raises(OptionError, match=BOTH):
                await audit.subject_type("posts", strict=True)
            assert (await audit.sync(as_="posts")).subject_type == "posts"
            assert await audit.uninstall(as_="posts") == "posts"

    asyncio.run(both())


def test_a_table_that_is_gone(posts: Conn, audit: Audit) -> None:
    posts.execute("DROP TABLE drafts")
    with pytest.raises(OptionError, match="one that is gone, whose records are called so, and ") as error:
        audit.uninstall("posts")
    assert (
        error.value.hint
        == "Write public.posts for the second; for the first run `pgaudit-py sync`, or say as_='posts'."
    )
    assert audit.sync(as_="posts").outcome == "forgotten"


def test_a_name_with_its_schema_may_be_taken_as_well(posts: Conn, audit: Audit, run: Run) -> None:
    """Quoted, it is not."""
    audit.install("drafts", as_="public.posts")
    with pytest.raises(OptionError, match="means two tables") as error:
        audit.uninstall("public.posts")
    assert error.value.hint == 'Write public.drafts or "public"."posts".'
    assert run("uninstall", "--table", '"public"."posts"', "--yes")[:2] == (
        0,
        "articles: changes would no longer be recorded\narticles: removed\n",
    )


def test_at_the_terminal(posts: Conn, audit: Audit, run: Run) -> None:
    for command in (["uninstall", "--yes"], ["sync", "--yes"], ["uninstall", "--sql"], ["sync", "--check"]):
        code, out, err = run(*command, "--table", "posts")
        assert (code, out) == (1, ""), command
        assert f"error: {BOTH}\nhint: Write public.drafts or public.posts" in err
    posts.execute("ALTER TABLE posts ADD x int; ALTER TABLE drafts ADD x int")
    assert run("sync", "--yes", "--table", "public.drafts")[1].splitlines()[-1] == "posts: updated"
    assert run("sync", "--yes")[1].splitlines()[-1] == "articles: updated"
    assert run("uninstall", "--all", "--yes")[1].splitlines()[-2:] == ["articles: removed", "posts: removed"]


def test_the_log_can_be_dropped(posts: Conn, audit: Audit) -> None:
    assert audit.drop_schema() == ["articles", "posts"]


def test_what_reads_goes_by_the_log(posts: Conn, audit: Audit, run: Run) -> None:
    """And so does what adds to the log, or gives a record back as the log has it."""
    posts.execute("UPDATE posts SET title = 'new'; UPDATE drafts SET title = 'new'")
    assert "a draft" in run("history", "posts", "1", "-o", "json")[1]
    assert (
        run("as-of", "posts", "1", "--at", "0s", "-o", "json")[1]
        == run("as-of", "public.drafts", "1", "--at", "0s", "-o", "json")[1]
    )
    assert "a post" in run("history", "articles", "1", "-o", "json")[1]
    assert "a post" in run("history", "public.posts", "1", "-o", "json")[1]
    assert "a post" not in run("activity", "--subject", "posts:1", "-o", "json")[1]
    assert run("check", "posts") == (0, "posts: the log and the table tell the same\n", "")
    first = audit.history("posts", 1)[0]
    assert run("restore", "posts", "1", "--version", str(first.id), "--yes")[0] == 0
    assert posts.execute("SELECT d.title, p.title FROM drafts AS d, posts AS p").fetchall() == [
        ("a draft", "new")
    ]
    version = int(run("snapshot", "posts", "1")[1])
    assert audit.version(version) == {"id": 1, "title": "a draft"}
    assert audit.baseline("posts").subject_type == "posts"
