"""grant and revoke, and an owner for the schema, at the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from pgaudit_py import Audit
from pgaudit_py.cli import main
from tests.conftest import Conn, Connect

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(db: str, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; gives exit code, output, errors."""

    def call(*arguments: str, dsn: str = db) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as done:
            main(["--dsn", dsn, *arguments])
        said = capsys.readouterr()
        code = done.value.code
        return (code if isinstance(code, int) else -1), said.out, said.err

    return call


@pytest.fixture
def ann(role: Callable[[], str], conn: Conn) -> Iterator[str]:
    name = role()
    yield name
    conn.execute(f"DROP OWNED BY {name} CASCADE".encode())


def test_grant_and_revoke(run: Run, ann: str, audit: Audit) -> None:
    assert run("grant", "--app", ann, "--reader", ann, "--app", ann, "--dry-run") == (
        0, f"{ann}: would be granted app\n{ann}: would be granted reader\n", "",
    )  # fmt: skip
    assert audit.roles() == []
    assert run("grant", "--app", ann, "--reader", ann)[:2] == (
        0,
        f"{ann}: granted app\n{ann}: granted reader\n",
    )
    assert audit.roles() == [(ann, "app"), (ann, "reader")]
    assert run("revoke", "--reader", ann, "--dry-run") == (0, f"{ann}: would no longer be reader\n", "")
    code, out, err = run("revoke", "--reader", ann)
    assert (code, out) == (2, f"{ann}: would no longer be reader\n")
    assert "Add --yes" in err
    assert audit.roles() == [(ann, "app"), (ann, "reader")]
    assert run("revoke", "--reader", ann, "--yes")[:2] == (
        0, f"{ann}: would no longer be reader\n{ann}: revoked reader\n",
    )  # fmt: skip
    assert audit.roles() == [(ann, "app")]


def test_for_a_program(run: Run, ann: str) -> None:
    code, out, _ = run("-o", "json", "grant", "--restorer", ann)
    assert (code, json.loads(out)) == (0, {"role": ann, "as": "restorer", "outcome": "granted"})
    code, out, err = run("-o", "json", "revoke", "--restorer", ann, "--yes")
    assert (code, json.loads(out)) == (0, {"role": ann, "as": "restorer", "outcome": "revoked"})
    assert "no longer" in err


def test_as_a_script(run: Run, ann: str, audit: Audit) -> None:
    code, out, err = run("grant", "--app", ann, "--sql")
    assert (code, f"pgaudit_py.grant_to('{ann}', 'app')" in out, err) == (0, True, "")
    audit.grant(ann, as_="app")
    code, out, err = run("revoke", "--app", ann, "--sql")
    assert (code, f"pgaudit_py.revoke_from('{ann}', 'app')" in out) == (0, True)
    assert err == f"{ann}: would no longer be app\n"
    assert audit.roles() == [(ann, "app")]


def test_all_or_none(run: Run, ann: str, audit: Audit) -> None:
    assert run("grant", "--reader", ann, "--reader", "nobody") == (
        1, "",
        "error: there is no role 'nobody'\n"
        "hint: Write its name as the catalog does, without quotes; or make it with CREATE ROLE.\n",
    )  # fmt: skip
    assert audit.roles() == []
    audit.grant(ann, as_="reader")
    assert run("revoke", "--reader", ann, "--app", "nobody", "--yes")[0] == 1
    assert audit.roles() == [(ann, "reader")]


@pytest.mark.parametrize("command", ["grant", "revoke"])
def test_nobody_is_named(run: Run, command: str) -> None:
    code, _, err = run(command)
    assert (code, "--app, --reader or --restorer" in err) == (2, True)


def test_an_owner_for_the_schema(
    bare_db: str, run: Run, conn: Conn, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        assert "would run" in run("migrate", "--owner", "audit_keeper", "--dry-run", dsn=bare_db)[1]
        assert conn.execute("SELECT FROM pg_roles WHERE rolname = 'audit_keeper'").fetchall() == []
        assert run("migrate", "--owner", "audit_keeper", dsn=bare_db)[0] == 0
        code, _, err = run("migrate", dsn=bare_db)
        assert (code, "belongs to audit_keeper" in err, "--owner audit_keeper" in err) == (1, True, True)
        # Named once, in the environment.
        monkeypatch.setenv("PGAUDIT_PY_OWNER", "audit_keeper")
        assert run("migrate", dsn=bare_db) == (0, "schema pgaudit_py: up to date\n", "")
        assert run("install", "--table", "nothing", dsn=bare_db)[2].startswith(
            "error: there is no table 'nothing'"
        )
    finally:
        connect(bare_db, autocommit=True).execute(
            "DROP OWNED BY audit_keeper CASCADE; DROP ROLE audit_keeper"
        )


def test_a_plan_warns_of_somebody_elses_trigger(run: Run, conn: Conn, audit: Audit, ann: str) -> None:
    conn.execute(
        f"""CREATE TABLE posts (id int PRIMARY KEY, title text); INSERT INTO posts VALUES (1, 'Tea');
            CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN new; END$$;
            CREATE TRIGGER touched BEFORE UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION touch();
            ALTER TABLE posts OWNER TO {ann}; ALTER FUNCTION touch OWNER TO {ann}""".encode()
    )
    audit.install("posts")
    conn.execute("UPDATE posts SET title = 'Mate'")
    conn.execute("UPDATE posts SET title = 'Coffee'")
    first = audit.versions("posts", 1)[0].id
    warning = f"trigger touched runs code of {ann} with your rights"
    assert f"warning: {warning}" in run("restore", "--version", str(first), "--dry-run")[1]
    assert json.loads(run("-o", "json", "restore", "--version", str(first), "--dry-run")[1])["warnings"] == [
        warning
    ]
    conn.execute("ALTER FUNCTION touch SECURITY DEFINER")
    assert audit.plan_restore(version=first).warnings == ()
    conn.execute("ALTER FUNCTION touch SECURITY INVOKER; ALTER TABLE posts DISABLE TRIGGER touched")
    assert audit.plan_restore(version=first).warnings == ()
    conn.execute("ALTER TABLE posts ENABLE TRIGGER touched; ALTER TABLE posts OWNER TO postgres")
    assert audit.plan_restore(version=first).warnings == ()
