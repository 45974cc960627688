"""The sdist builds the wheel; the wheel carries sql/ and templates/, and works where there is no checkout."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    # Without --wheel: an sdist is built, and the wheel from the sdist, as who packages it does.
    command = [sys.executable, "-m", "build", "--outdir", str(target), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(target.glob("*.whl"))


def test_it_holds_what_the_checkout_holds(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name: archive.read(name) for name in archive.namelist() if ".dist-info/" not in name}
    here = {
        f"pgaudit_py/{path.relative_to(ROOT)}": path.read_bytes()
        for folder in ("sql", "templates")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    } | {
        str(path.relative_to(ROOT)): path.read_bytes()
        for path in (ROOT / "pgaudit_py").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == here


def test_it_works_by_itself(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"{wheel}[binary]"]
    subprocess.run(pip, check=True, capture_output=True)
    code = "from pgaudit_py.resources import *; print(len(sql_names('functions')), template_folder().parent.name)"
    done = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.split() == [str(len(list((ROOT / "sql" / "functions").glob("*.sql")))), "pgaudit_py"]
    helped = subprocess.run(
        [python.with_name("pgaudit-py"), "--help"], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    assert "install" in helped.stdout
