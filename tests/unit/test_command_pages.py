"""Every command has its page, and the page says what --help says: `make docs` writes that part anew."""

from __future__ import annotations

import re

import pytest

from pgaudit_py.cli.root import cli
from tests.reference import FOLDER, INDEX, made_for, made_for_index, page_of, renew

NAMES = list(cli.commands)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_what_help_says(name: str, request: pytest.FixtureRequest) -> None:
    page = page_of(name)
    wanted = renew(page, made_for(name), f"pgaudit-py {name}")
    if request.config.getoption("--write-docs"):
        page.write_text(wanted, encoding="utf-8")
    assert page.exists(), "run `make docs`, and write its prose"
    assert page.read_text(encoding="utf-8") == wanted, "run `make docs`"


def test_the_index_lists_all(request: pytest.FixtureRequest) -> None:
    wanted = renew(INDEX, made_for_index(), "Commands")
    if request.config.getoption("--write-docs"):
        INDEX.write_text(wanted, encoding="utf-8")
    assert INDEX.read_text(encoding="utf-8") == wanted, "run `make docs`"


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_its_prose(name: str) -> None:
    text = page_of(name).read_text(encoding="utf-8")
    assert text.startswith(f"# pgaudit-py {name}\n")
    for heading in ("Examples", "Output for programs", "Exit codes"):
        assert re.search(rf"^## {heading}\n\n\S", text, re.MULTILINE), heading
    assert f"pgaudit-py {name}" in "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))


@pytest.mark.parametrize("name", NAMES)
def test_every_option_with_its_help_is_on_the_page(name: str) -> None:
    """Told by click itself, without what makes the page."""
    text = page_of(name).read_text(encoding="utf-8").replace("\\|", "|")
    for option in cli.commands[name].params:
        if option.param_type_name == "option":
            for written in (*option.opts, *option.secondary_opts):
                assert written in text
            assert str(getattr(option, "help", "")) in text
    known = {
        written for option in cli.commands[name].params for written in (*option.opts, *option.secondary_opts)
    }
    rows = "".join(line.split("` |")[0] for line in text.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"--[a-z][-a-z]+", rows)) <= known | {"--help"}


def test_no_page_is_left_of_a_command_that_is_gone() -> None:
    assert {page.stem for page in FOLDER.glob("*.md")} == {*NAMES, "README"}


def test_the_links() -> None:
    for page in FOLDER.glob("*.md"):
        for target in re.findall(r"\]\((?!https?://)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
