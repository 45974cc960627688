"""The servers that the tests run on are pinned by what they hold, not by where they were fetched."""

from __future__ import annotations

import json
from pathlib import Path

from tests.servers import MAJORS

FOLDER = Path(__file__).parents[1] / "majors"


def test_the_lock_file_names_contents_and_no_host() -> None:
    packages = json.loads((FOLDER / "package-lock.json").read_text("utf-8"))["packages"]
    wanted = json.loads((FOLDER / "package.json").read_text("utf-8"))["dependencies"]
    assert packages.pop("")["dependencies"] == wanted
    assert len(packages) == len(wanted)
    for name, package in packages.items():
        major = int(name.removeprefix("node_modules/pg"))
        assert major in MAJORS
        assert package["version"].startswith(f"{major}.")
        assert package["integrity"].startswith("sha512-")
        assert "resolved" not in package
