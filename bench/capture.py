"""What auditing costs a write: the backend's own CPU time, system against system in one run.

CPU time, because it is steadier than the clock on a machine that others use; rounds in turn, because what drifts then
drifts for all. `--tables` compares ways to lay out the log instead.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import psycopg
from psycopg import sql
from rich.console import Console
from rich.table import Table

from pgaudit_py import Audit
from pgaudit_py.embedded import EmbeddedServer

Conn: TypeAlias = psycopg.Connection[Any]
HERE = Path(__file__).parent
SETTINGS = ("synchronous_commit=off", "autovacuum=off", "jit=off", "shared_buffers=512MB", "max_wal_size=4GB")
SINGLE = ("update", "insert", "delete")
BULK = ("bulk_insert", "bulk_update", "bulk_delete")
WARM_UP = 200
NONE = "no audit"


@dataclass(frozen=True, slots=True)
class System:
    """Something that watches table posts, or nothing that does."""

    name: str
    prepare: Callable[[Conn], object]


def run_file(conn: Conn, path: str) -> None:
    """Run an SQL file of this folder."""
    conn.execute((HERE / path).read_text().encode())


def trigger(name: str) -> System:
    """Make a system of a file in systems/."""
    return System(name.replace("_", " "), lambda conn: run_file(conn, f"systems/{name}.sql"))


def ours(variant: str | None = None) -> System:
    """Make a system of this library, changed by a file in variants/."""

    def prepare(conn: Conn) -> None:
        Audit(conn).migrate()
        Audit(conn).install("posts")
        if variant:
            run_file(conn, f"variants/{variant}.sql")

    return System(variant.replace("_", " ") if variant else "pgaudit-py", prepare)


SYSTEMS = (trigger("empty_trigger"), trigger("minimal_trigger"), ours())
TABLES = (ours(), *(ours(path.stem) for path in sorted((HERE / "variants").glob("*.sql"))))


def cpu_ns(pid: int) -> int:
    """Return the nanoseconds that a process has been on a processor; Linux only."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])


@contextmanager
def cloned(server: EmbeddedServer, template: str) -> Iterator[Conn]:
    """Connect to a fresh copy of a database."""
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE run TEMPLATE {}").format(sql.Identifier(template)))
        with psycopg.connect(server.dsn("run"), autocommit=True) as conn:
            yield conn
        admin.execute("DROP DATABASE run WITH (FORCE)")


def cost(conn: Conn, workload: str, first: int, last: int) -> float:
    """Run a workload over numbers first to last; return µs of CPU for each of them."""
    conn.execute(
        "SELECT set_config('bench.first', %s, false), set_config('bench.last', %s, false)",
        [str(first), str(last)],
    )
    before = cpu_ns(conn.info.backend_pid)
    run_file(conn, f"workloads/{workload}.sql")
    return (cpu_ns(conn.info.backend_pid) - before) / (last - first + 1) / 1000


def one_round(conn: Conn, statements: int, rows: int) -> dict[str, float]:
    """Run every workload once, after a warm-up."""
    for workload in SINGLE:
        cost(conn, workload, 1, WARM_UP)
    found = {work: cost(conn, work, WARM_UP + 1, WARM_UP + statements) for work in SINGLE}
    return found | {work: cost(conn, work, 1, rows) for work in BULK}


def measure(
    systems: tuple[System, ...], rounds: int, statements: int, rows: int
) -> dict[str, dict[str, float]]:
    """Return system to workload to the median of µs of CPU."""
    runs: dict[str, list[dict[str, float]]] = {system.name: [] for system in systems}
    memory = Path("/dev/shm")
    with EmbeddedServer(settings=SETTINGS, base=memory if memory.is_dir() else None) as server:
        for system in systems:
            with psycopg.connect(server.dsn(), autocommit=True) as admin:
                admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(system.name)))
            with psycopg.connect(server.dsn(system.name), autocommit=True) as conn:
                run_file(conn, "workloads/setup.sql")
                conn.execute("VACUUM ANALYZE posts")
                system.prepare(conn)
        for number in range(rounds):
            for system in systems:
                with cloned(server, system.name) as conn:
                    runs[system.name].append(one_round(conn, statements, rows))
            Console(stderr=True).print(f"round {number + 1} of {rounds} is done", style="dim")
    return {
        name: {work: statistics.median(run[work] for run in each) for work in each[0]}
        for name, each in runs.items()
    }


def report(found: dict[str, dict[str, float]], base: str) -> Table:
    """Lay out what each system costs over no audit, and its ratio to a base."""
    table = Table(title=f"µs of CPU over no audit, each row (ratio to {base})", box=None)
    works = (*SINGLE, *BULK)
    table.add_column("")
    for work in works:
        table.add_column(work.replace("_", " "), justify="right")
    none = found[NONE]
    table.add_row(NONE, *(f"[{none[work]:.1f}]" for work in works))
    for name, medians in found.items():
        over = {work: medians[work] - none[work] for work in works}
        cells = (f"{over[work]:.1f} ({over[work] / (found[base][work] - none[work]):.2f})" for work in works)
        if name != NONE:
            table.add_row(name, *cells)
    return table


def main() -> None:
    """Run the benchmark as the command line says, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.capture", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--statements", type=int, default=2000, help="of single rows, at most 9800")
    parser.add_argument("--rows", type=int, default=50_000, help="of a statement over many rows")
    parser.add_argument("--tables", action="store_true", help="compare ways to lay out the log")
    chosen = parser.parse_args()
    systems = (System(NONE, lambda _conn: None), *(TABLES if chosen.tables else SYSTEMS))
    found = measure(systems, chosen.rounds, chosen.statements, chosen.rows)
    base = "pgaudit-py" if chosen.tables else "minimal trigger"
    Console(width=140, markup=False).print(report(found, base))


if __name__ == "__main__":
    main()
