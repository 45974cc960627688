"""What commands print: for people with colours and a pager, for programs as JSON and CSV."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from pgaudit_py import Audit, set_actor
from tests.conftest import Conn, Run
from tests.terminal import at_a_terminal


@pytest.fixture
def posts(conn: Conn, audit: Audit) -> Conn:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text, price numeric, doc jsonb)")
    audit.install("posts")
    with conn.transaction():
        set_actor(conn, 42, ip="203.0.113.7", request_id="r-1")
        conn.execute("INSERT INTO posts VALUES (-1, '=1+1', -1.50, '{\"rating\": 4.50}')")
    conn.execute("UPDATE posts SET title = 'Mate'")
    return conn


def records(out: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(out, newline="")))


def test_csv(posts: Conn, run: Run) -> None:
    code, out, err = run("-o", "csv", "activity")
    assert (code, err) == (0, "")
    updated, created = records(out)
    assert out.count("\r\n") == 3
    assert (updated["id"], updated["action"], updated["subject_id"]) == ("2", "updated", "-1")
    assert json.loads(updated["changes"]) == {"title": {"old": "=1+1", "new": "Mate"}}
    assert (created["causer_id"], created["ip"], created["snapshot"][:1]) == ("42", "203.0.113.7", "{")
    as_json = [json.loads(line) for line in run("-o", "json", "activity")[1].splitlines()]
    assert [list(one) for one in as_json] == [list(updated), list(created)]
    assert updated["created_at"] == as_json[0]["created_at"]


def test_csv_of_every_command(posts: Conn, run: Run) -> None:
    def of(*arguments: str) -> list[dict[str, str]]:
        code, out, _ = run("-o", "csv", *arguments)
        assert code == 0
        return records(out)

    assert [one["key"] for one in of("history", "--", "posts", "-1")] == ["-1", "-1"]
    assert [one["stored"] for one in of("versions", "--", "posts", "-1")] == ["true", "false"]
    state = {"id": "-1", "title": "'=1+1", "price": "-1.50", "doc": '{"rating": 4.50}'}
    assert of("show", "1") == [state]
    assert of("as-of", "--at", "0s", "--", "posts", "-1") == [state | {"title": "Mate"}]
    assert of("diff", "--from", "1", "--", "posts", "-1") == [
        {"field": "title", "old": "'=1+1", "new": "Mate"}
    ]
    assert of("diff", "--from", "2", "--", "posts", "-1") == []
    (plan,) = of("restore", "--version", "1", "--dry-run")
    assert (plan["operation"], json.loads(plan["changes"])) == (
        "update",
        {"title": {"old": "Mate", "new": "=1+1"}},
    )
    assert of("log", "published") == [{"id": "3"}]
    assert of("check", "--all") == []
    (group, *_) = of("activity", "--by", "request")
    assert (group["by"], json.loads(group["activities"])[0]["action"]) == ("transaction", "published")
    posts.execute("DELETE FROM posts")
    assert run("-o", "csv", "as-of", "--at", "0s", "--", "posts", "-1") == (
        0,
        "",
        "there was no posts:-1 then\n",
    )


@pytest.mark.parametrize("arguments", [["activity", "--action", "x"], ["history", "posts", "9"], ["versions", "posts", "9"],
                                       ["check", "posts"], ["diff", "--from", "2", "--", "posts", "-1"]])  # fmt: skip
def test_csv_of_nothing_has_its_names(posts: Conn, run: Run, arguments: list[str]) -> None:
    _, out, _ = run("-o", "csv", *arguments)
    assert len(out.splitlines()) == 1
    assert "," in out


def test_what_check_finds_names_the_table(posts: Conn, run: Run) -> None:
    posts.execute("CREATE TABLE other (id int PRIMARY KEY)")
    Audit(posts).install("other")
    posts.execute("ALTER TABLE posts DISABLE TRIGGER USER; UPDATE posts SET title = 'forged'")
    code, out, _ = run("-o", "json", "check", "--all")
    (found,) = (json.loads(line) for line in out.splitlines())
    assert (code, found["subject_type"], found["found_value"]) == (3, "posts", "forged")
    code, out, _ = run("-o", "csv", "check", "--all")
    (found,) = records(out)
    assert (code, found["subject_type"], found["found_value"]) == (3, "posts", "forged")
    posts.execute("UPDATE posts SET title = 'Mate'; ALTER TABLE posts ENABLE TRIGGER USER")


def test_everything(posts: Conn, run: Run) -> None:
    posts.execute("INSERT INTO posts SELECT i FROM generate_series(1, 1500) AS i")
    code, out, err = run("-o", "json", "activity", "--all")
    assert (code, err) == (0, "")
    assert [json.loads(line)["id"] for line in out.splitlines()] == list(range(1502, 0, -1))
    assert len(records(run("-o", "csv", "activity", "--all", "--action", "created")[1])) == 1501
    out = run("activity", "--all")[1]
    assert len(re.findall("^id +when", out, re.MULTILINE)) == 2  # a listing for each thousand
    assert out.count("created") == 1501
    assert run("activity", "--all", "--action", "x") == (0, "", "nothing of that kind was recorded\n")


def test_groups(posts: Conn, run: Run) -> None:
    with posts.transaction():
        set_actor(posts, 7, request_id="r-1")
        posts.execute("INSERT INTO posts VALUES (2), (3)")
    out = run("activity", "--by", "transaction")[1]
    headings = [line for line in out.splitlines() if line.startswith("transaction ")]
    assert [heading.split("   ")[-1] for heading in headings] == ["2 activities", "1 activity", "1 activity"]
    assert "7" in headings[0]
    out = run("activity", "--by", "request")[1]
    assert [line.split("   ")[0].split()[0] for line in out.splitlines() if not line.startswith(" ") and line] == [
        "request", "transaction",
    ]  # fmt: skip
    groups = [json.loads(line) for line in run("-o", "json", "activity", "--by", "request")[1].splitlines()]
    assert [(one["by"], len(one["activities"])) for one in groups] == [("request", 3), ("transaction", 1)]
    assert (groups[0]["id"], groups[0]["causer_id"]) == ("r-1", "7")
    assert groups[0]["began_at"] < groups[1]["began_at"] < groups[0]["ended_at"]


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["--follow", "--since", "1d"], "--since does not go with --follow"),
        (["--follow", "--until", "1d"], "--until does not go with --follow"),
        (["--follow", "--before", "1"], "--before does not go with --follow"),
        (["--follow", "--transaction", "1"], "--transaction does not go with --follow"),
        (["--follow", "--by", "request"], "--by does not go with --follow"),
        (["--follow", "--all"], "--all does not go with --follow"),
        (["--all", "--by", "request"], "--by does not go with --all"),
        (["--all", "--limit", "1"], "--limit does not go with --all"),
    ],
)
def test_what_does_not_go_together(run: Run, arguments: list[str], option: str) -> None:
    code, out, err = run("activity", *arguments)
    assert (code, out, option in err) == (2, "", True)


def ours(db: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "pgaudit_py", "--dsn", db, *arguments]


def piped(db: str, *arguments: str, **environment: str) -> str:
    clean = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    return subprocess.run(
        ours(db, *arguments), capture_output=True, text=True, check=True, env=clean | {"TERM": "xterm"} | environment
    ).stdout  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "environment", "coloured"),
    [
        ([], {}, False),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ([], {"FORCE_COLOR": "", "NO_COLOR": ""}, False),
        (["--color", "always"], {"NO_COLOR": "1", "TERM": "dumb"}, True),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colours_in_a_pipe(
    posts: Conn, db: str, arguments: list[str], environment: dict[str, str], coloured: bool
) -> None:
    assert ("\x1b[" in piped(db, "activity", *arguments, **environment)) == coloured


@pytest.mark.parametrize(
    ("arguments", "environment", "coloured"),
    [
        ([], {}, True),
        ([], {"TERM": "dumb"}, False),
        ([], {"NO_COLOR": "1"}, False),
        (["--color", "never"], {}, False),
        (["--color", "always"], {"TERM": "dumb"}, True),
    ],
)
def test_colours_at_a_terminal(
    posts: Conn, db: str, arguments: list[str], environment: dict[str, str], coloured: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.delenv("NO_COLOR", raising=False)
    code, shown = at_a_terminal(ours(db, "activity", *arguments), b"", environment)
    assert (code, "\x1b[" in shown) == (0, coloured)


@pytest.fixture
def many(posts: Conn) -> Conn:
    posts.execute("INSERT INTO posts SELECT i FROM generate_series(1, 5000) AS i")
    return posts


@pytest.fixture
def pager(tmp_path: Path) -> Any:
    """A pager that notes how it was called, and reads one line."""
    program, notes = tmp_path / "pager", tmp_path / "notes"
    program.write_text(f'#!/bin/sh\necho "$1 $LESS" >> {notes}\nhead -1\n')
    program.chmod(0o755)
    return program, notes


@pytest.mark.parametrize("output", ["table", "json", "csv"])
def test_a_pager_that_is_left_early(many: Conn, db: str, pager: Any, output: str) -> None:
    program, notes = pager
    code, shown = at_a_terminal(
        ours(db, "activity", "--all", "-o", output), b"", {"PAGER": f"{program} -x", "LESS": "FRX"}
    )
    assert (code, shown.count("\n"), "Traceback" in shown) == (0, 1, False)
    assert notes.read_text() == "-x FRX\n"


def test_the_exit_code_does_not_depend_on_the_pager(many: Conn, db: str, pager: Any) -> None:
    many.execute("ALTER TABLE posts DISABLE TRIGGER USER; UPDATE posts SET title = 'forged' WHERE id > 0")
    code, shown = at_a_terminal(ours(db, "check", "posts"), b"", {"PAGER": str(pager[0])})
    assert (code, "Traceback" in shown) == (3, False)
    assert pager[1].exists()
    many.execute("UPDATE posts SET title = NULL WHERE id > 0; ALTER TABLE posts ENABLE TRIGGER USER")


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["--limit", "2"], {}),  # it fits
        (["--no-pager"], {}),
        ([], {"TERM": "dumb"}),
        ([], {"PAGER": "cat"}),
        ([], {"PAGER": ""}),
        ([], {"PAGER": "nonsense --x"}),
        ([], {"PAGER": "'unclosed"}),
    ],
)
def test_no_pager(many: Conn, db: str, pager: Any, arguments: list[str], environment: dict[str, str]) -> None:
    code, shown = at_a_terminal(ours(db, "activity", *arguments), b"", {"PAGER": str(pager[0])} | environment)
    assert (code, shown.count("created")) == (0, 2 if arguments[:1] == ["--limit"] else 50)
    assert not pager[1].exists()


def test_no_pager_in_a_pipe(many: Conn, db: str, pager: Any) -> None:
    assert piped(db, "activity", PAGER=str(pager[0])).count("created") == 50
    assert not pager[1].exists()


def test_a_pager_that_cannot_be_started(many: Conn, db: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF nonsense")
    broken.chmod(0o755)
    code, shown = at_a_terminal(ours(db, "activity"), b"", {"PAGER": str(broken)})
    assert (code, shown.count("created")) == (0, 50)


def test_less(many: Conn, db: str) -> None:
    code, shown = at_a_terminal(ours(db, "activity"), b"q", {"LESS": "FRXPGO ON"}, question=b"GO ON")
    assert (code, "GO ON" in shown, 10 < shown.count("created") < 50) == (0, True, True)
    assert "more: --before" in shown


def test_ctrl_c_in_a_pager_is_the_pagers(many: Conn, db: str, tmp_path: Path) -> None:
    pager = tmp_path / "pager"
    pager.write_text(
        "#!/bin/sh\ntrap '' INT\ncat > /dev/null\necho GO ON\nread answer < /dev/tty\necho left\n"
    )
    pager.chmod(0o755)
    code, shown = at_a_terminal(ours(db, "activity"), b"\x03\n", {"PAGER": str(pager)}, question=b"GO ON")
    assert (code, "left" in shown, "more: --before" in shown) == (0, True, True)


def test_csv_does_not_command_the_terminal(posts: Conn, db: str) -> None:
    posts.execute("UPDATE posts SET title = E'\\x1b[31mred'")
    code, shown = at_a_terminal(ours(db, "-o", "csv", "show", "3"))
    assert (code, "\x1b" in shown, "\\x1b[31mred" in shown) == (0, False, True)
    assert "\x1b[31mred" in piped(db, "-o", "csv", "show", "3")


def test_a_bar_while_tables_are_checked(posts: Conn, db: str) -> None:
    posts.execute("CREATE TABLE other (id int PRIMARY KEY)")
    Audit(posts).install("other")
    _, shown = at_a_terminal(ours(db, "check", "--all"), b"", {"NO_COLOR": "1"})
    assert "checking" in shown
    assert shown.count("tell the same") == 2
    assert "checking" not in at_a_terminal(ours(db, "check", "posts"))[1]  # of one table there is no telling
    assert "checking" not in at_a_terminal(ours(db, "check", "--all"), b"", {"TERM": "dumb"})[1]
    _, shown = at_a_terminal(
        ["bash", "-c", f"'{sys.executable}' -m pgaudit_py --dsn '{db}' check --all | cat"]
    )
    assert "checking" in shown
    done = subprocess.run(ours(db, "check", "--all"), capture_output=True, text=True, check=True)
    assert done.stderr == ""


@pytest.mark.parametrize(("total", "shown"), [("3", "2/3"), ("None", "2/?"), ("1", "")])
def test_a_bar_of_some_work(total: str, shown: str) -> None:
    work = f"""
from pgaudit_py.output import progress
with progress("copying \\x1b[31m[red]", {total}) as step:
    step(2)
    with step.aside():
        print("meanwhile")
"""
    code, said = at_a_terminal([sys.executable, "-c", work], b"", {"NO_COLOR": "1"})
    assert (code, shown in said, "meanwhile" in said, "\x1b[31m" in said) == (0, True, True, False)
    assert ("copying" in said) == bool(shown)


@pytest.mark.parametrize("output", ["table", "json", "csv"])
@pytest.mark.parametrize("everything", ["--all", "--limit=9999"])
def test_a_closed_pipe(many: Conn, db: str, output: str, everything: str) -> None:
    command = f"'{sys.executable}' -m pgaudit_py --dsn '{db}' -o {output} activity {everything}"
    done = subprocess.run(
        ["bash", "-c", f"{command} | head -1; exit ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONUNBUFFERED": ""},  # Python would take a part that was written for the whole
    )
    assert (done.returncode, len(done.stdout.splitlines()), done.stderr) == (1, 1, "")
