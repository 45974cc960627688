"""Random programs by hand: python -m tests.random --seconds 3600, --seed 7, --replay FILE."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from pgaudit_py.embedded import FAST, EmbeddedServer
from tests.random.campaign import fresh_seeds, report, reproduced
from tests.random.comparison import Clones
from tests.random.generator import generate
from tests.random.program import read, written


@contextmanager
def _clones() -> Iterator[Clones]:
    memory = Path("/dev/shm")
    with (
        EmbeddedServer(settings=FAST, base=memory if memory.is_dir() else None) as server,
        psycopg.connect(server.dsn(), autocommit=True) as admin,
    ):
        clones = Clones(server, admin)
        clones.prepare()
        yield clones


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.random", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300, help="how long to go on (300)")
    parser.add_argument("--seed", type=int, help="only the program of this seed")
    parser.add_argument("--show", action="store_true", help="write the seed's program instead of running it")
    parser.add_argument("--replay", type=Path, help="run a program from a file, as it was written")
    given = parser.parse_args()
    with _clones() as clones:
        major = clones.admin.info.server_version // 10000
        if given.show:
            print(written(generate(given.seed or 0, major)))
            return 0
        if given.replay:
            found = reproduced(clones, read(given.replay.read_text(encoding="utf-8")), 1)
            print(found or "nothing is wrong")
            return found is not None
        return _run(clones, major, [given.seed] if given.seed is not None else fresh_seeds(), given.seconds)


def _run(clones: Clones, major: int, seeds: Iterable[int], seconds: float) -> int:
    """Run programs until the time is over; one that fails does not end it."""
    end = time.monotonic() + seconds
    failed = done = 0
    for seed in seeds:
        if time.monotonic() > end:
            break
        done += 1
        if found := report(clones, seed, major):
            failed += 1
            print(found, flush=True)
    print(f"{done} programs, {failed} failed")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
