"""Random programs, with the audit trail and without it; and what makes them.

PGAUDIT_PY_RANDOM_SECONDS=600 goes on for so long, with seeds that nobody has tried. What fails says its seed and a small program.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from itertools import islice

import pytest

from pgaudit_py.embedded import EmbeddedServer
from tests.conftest import Conn
from tests.random.campaign import fresh_seeds, report, reproduced
from tests.random.comparison import Clones, failure
from tests.random.generator import generate
from tests.random.program import OWNER, Program, Step, read, written
from tests.random.schema import AFTER, BEFORE, KINDS
from tests.random.shrinker import shrink

SECONDS = float(os.environ.get("PGAUDIT_PY_RANDOM_SECONDS", "0"))
FIXED = (1, 2, 3, 8, 18, 39)
FRESH = 2


@pytest.fixture(scope="session")
def clones(server: EmbeddedServer, admin: Conn) -> Iterator[Clones]:
    made = Clones(server, admin)
    made.prepare()
    yield made
    made.discard()


@pytest.fixture
def major(admin: Conn) -> int:
    return admin.info.server_version // 10000


@pytest.mark.parametrize("seed", FIXED)
def test_the_application_notices_nothing_and_the_log_tells_what_was(
    clones: Clones, major: int, seed: int
) -> None:
    assert report(clones, seed, major) is None


@pytest.mark.parametrize("number", range(FRESH))
def test_programs_that_nobody_has_tried(clones: Clones, major: int, number: int) -> None:
    (seed,) = islice(fresh_seeds(), 1)
    print(f"seed {seed}")  # shown where it fails, even where what fails is the test
    assert report(clones, seed, major) is None


@pytest.mark.skipif(not SECONDS, reason="PGAUDIT_PY_RANDOM_SECONDS says for how long")
def test_as_many_as_there_is_time_for(clones: Clones, major: int) -> None:
    end = time.monotonic() + SECONDS
    for seed in fresh_seeds():
        if time.monotonic() > end:
            break
        print(f"seed {seed}")
        assert report(clones, seed, major) is None


# --- what makes them ------------------------------------------------------------------------------


def test_a_seed_is_a_program_and_a_program_is_a_script() -> None:
    for seed in range(50):
        program = generate(seed, 18)
        assert generate(seed, 18) == program
        assert read(written(program)) == program


def test_programs_have_everything_in_them() -> None:
    text = "\n".join(written(generate(seed, 18)) for seed in range(150))
    for wanted in (
        "ON CONFLICT", "MERGE INTO", "WITH a AS", "FROM STDIN", "TRUNCATE", "EXCEPTION WHEN", "EXECUTE p", "SAVEPOINT mine",
        "ROLLBACK TO", "REPEATABLE READ", "SERIALIZABLE", "SET LOCAL ROLE", " RENAME ", "SET SCHEMA", " DROP ", " ADD ", " TYPE ",
        "REFERENCES", "DEFERRABLE", "ROW LEVEL SECURITY", "STORED", "VIRTUAL", "AS IDENTITY", "mood[]", "jsonb", "@4 ",
        " restore ", " sync", " baseline", "VACUUM FULL", "snap(", "set_actor", *AFTER.values(), *BEFORE.values(),
    ):  # fmt: skip
        assert wanted in text, wanted
    assert {"UNLOGGED" in text, "fillfactor = 30" in text} == {True}
    assert len(KINDS) == 3


def table(*steps: Step, options: str = "{}") -> Program:
    create = "CREATE TABLE public.t (id integer PRIMARY KEY, who bigint NOT NULL DEFAULT nextval('public.persons'), n integer)"
    return (Step(OWNER, "sql", create), Step(OWNER, "install", "public.t", options), *steps)


INSERT = Step(1, "sql", "INSERT INTO public.t (id, n) VALUES (1, 1), (2, 2)")


def test_a_write_that_is_refused_because_of_the_audit_trail_is_found(clones: Clones) -> None:
    program = table(INSERT, options='{"context": "require"}')
    assert "with the audit trail ('error', 'PGA" in str(failure(clones, program))


UNSEEN = "SET session_replication_role = replica; ALTER TABLE public.t DISABLE TRIGGER ALL"
LIES = {
    "a write that was not recorded": [INSERT, Step(OWNER, "sql", UNSEEN), Step(1, "sql", "UPDATE public.t SET n = 5 WHERE id = 1")],
    "a causer that is another's": [
        Step(1, "begin", "BEGIN; SELECT pgaudit_py.set_actor('mallory')", "alice"), INSERT, Step(1, "commit", "COMMIT"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("what", LIES)
def test_a_log_that_says_what_was_not_is_found(clones: Clones, what: str) -> None:
    assert str(failure(clones, table(*LIES[what], Step(OWNER, "settle")))).startswith("Mismatch")


def test_sessions_that_wait_for_each_other_go_on(clones: Clones) -> None:
    """The second waits for the first, and the first for the second: one of them has to go, and the test sees it."""
    update = "UPDATE public.t SET n = n + 1 WHERE id = {}"
    both = (INSERT, *(Step(one, "begin", "BEGIN") for one in (1, 2)))
    crossed = [Step(one, "sql", update.format(key)) for one, key in ((1, 1), (2, 2), (2, 1), (1, 2))]
    commits = [Step(one, "commit", "COMMIT") for one in (2, 1)]
    assert reproduced(clones, table(*both, *crossed, *commits, Step(OWNER, "settle"))) is None
    assert reproduced(clones, table(*both, *crossed[:1], crossed[2], *commits, Step(OWNER, "settle"))) is None


def test_a_program_that_fails_is_made_small() -> None:
    chance = random.Random(1)
    program = tuple(Step(1, "sql", f"SELECT {number}") for number in range(100))
    needed = sorted(chance.sample(range(len(program)), 5))

    def fails(some: Program) -> bool:
        return all(program[number] in some for number in needed)

    assert shrink(program, fails) == tuple(program[number] for number in needed)


def test_a_failure_is_reported_with_its_seed_and_script(
    clones: Clones, major: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lie = table(*LIES["a write that was not recorded"])
    monkeypatch.setattr("tests.random.campaign.generate", lambda seed, server_major: lie)
    said = str(report(clones, 77, major))
    assert said.startswith("seed 77: Mismatch: verify_table('t')")
    assert read(said[said.index("-- @") :]) == lie
