"""What a value of 1 MB costs that lies beside what is written, and one that is written itself.

PGAUDIT_PY_BINDIR says on which PostgreSQL: 17 and newer tell by its address that a value was not touched.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path

import psycopg
from psycopg import sql
from rich.console import Console
from rich.table import Table

from bench.capture import NONE, Conn, System, cloned, cost, ours, run_file, trigger
from pgaudit_py.embedded import FAST, EmbeddedServer

SYSTEMS = (System(NONE, lambda _conn: None), trigger("empty_trigger"), trigger("minimal_trigger"), ours())
UPDATES = {"large_beside": 300, "large_itself": 30}


def prepare(server: EmbeddedServer, system: System) -> None:
    """Make a database with the large value in it."""
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(system.name)))
    with psycopg.connect(server.dsn(system.name), autocommit=True) as conn:
        run_file(conn, "workloads/setup.sql")
        run_file(conn, "workloads/large_setup.sql")
        system.prepare(conn)


def one_round(conn: Conn) -> dict[str, float]:
    """Run every workload once, after a warm-up; return ms of CPU for each update."""
    for workload in UPDATES:
        cost(conn, workload, 1, 3)
    return {workload: cost(conn, workload, 1, count) / 1000 for workload, count in UPDATES.items()}


def measure(rounds: int) -> tuple[str, dict[str, dict[str, float]]]:
    """Return the server's version, and system to workload to the median of ms of CPU."""
    runs: dict[str, list[dict[str, float]]] = {system.name: [] for system in SYSTEMS}
    memory = Path("/dev/shm")
    with EmbeddedServer(
        settings=(*FAST, "autovacuum=off"), base=memory if memory.is_dir() else None
    ) as server:
        for system in SYSTEMS:
            prepare(server, system)
        for _ in range(rounds):
            for system in SYSTEMS:
                with cloned(server, system.name) as conn:
                    runs[system.name].append(one_round(conn))
                    version = conn.info.server_version
    medians = {
        name: {work: statistics.median(run[work] for run in each) for work in UPDATES}
        for name, each in runs.items()
    }
    return f"{version // 10000}.{version % 10000}", medians


def main() -> None:
    """Run the benchmark as the command line says, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.large", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    version, found = measure(parser.parse_args().rounds)
    table = Table(title=f"PostgreSQL {version}, ms of CPU an update (ratio to {NONE})", box=None)
    table.add_column("")
    for work in UPDATES:
        table.add_column(work.replace("_", " "), justify="right")
    for name, medians in found.items():
        table.add_row(
            name, *(f"{value:.3f} ({value / found[NONE][work]:.1f})" for work, value in medians.items())
        )
    Console(width=100, markup=False).print(table)


if __name__ == "__main__":
    main()
