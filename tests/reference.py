"""The part of a command's page that its --help says already: usage, what it does, options. The prose is written by hand."""

from __future__ import annotations

import re
from pathlib import Path

import click

from pgaudit_py.cli.root import cli

FOLDER = Path(__file__).parents[1] / "docs" / "reference" / "commands"
INDEX = FOLDER / "README.md"
BEGIN = "<!-- made by `make docs` from --help: write above or below, not here -->"
END = "<!-- end of what `make docs` made -->"


def page_of(name: str) -> Path:
    return FOLDER / f"{name}.md"


def renew(path: Path, made: str, heading: str) -> str:
    """Give a page with its made part as it should be; where there is no page, one to be written."""
    text = (
        path.read_text(encoding="utf-8")
        if path.exists()
        else f"# {heading}\n\n{BEGIN}\n{END}\n\n## Examples\n"
    )
    return re.sub(
        f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: f"{BEGIN}\n\n{made}\n{END}", text, flags=re.DOTALL
    )


def made_for(name: str) -> str:
    """Say what --help says, as Markdown."""
    command = cli.commands[name]
    context = click.Context(command, parent=_program(), info_name=name)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    return f"```text\n{usage}\n```\n\n{_paragraphs(command.help or '')}\n\n{_options(command, context)}"


def made_for_index() -> str:
    """List the commands, and the options of `pgaudit-py` itself."""
    rows = [
        f"| [{name}]({name}.md) | {_cell(command.get_short_help_str(200))} |"
        for name, command in cli.commands.items()
    ]
    return "\n".join(["| command | |", "|---|---|", *rows, "", _options(cli, _program())])


def _program() -> click.Context:
    return click.Context(cli, info_name="pgaudit-py", **cli.context_settings)


def _options(command: click.Command, context: click.Context) -> str:
    options = (option for option in command.get_params(context) if isinstance(option, click.Option))
    records = [option.get_help_record(context) for option in options]
    rows = [f"| `{_cell(names)}` | {_cell(meaning)} |" for names, meaning in filter(None, records)]
    return "\n".join(["| option | |", "|---|---|", *rows, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _paragraphs(text: str) -> str:
    """Write help as Markdown: what click must not wrap is a block of code."""
    parts = []
    for part in re.sub(r"^ +", "", text, flags=re.MULTILINE).strip().split("\n\n"):
        kept = part.removeprefix("\b\n")
        parts.append(f"```text\n{kept}\n```" if kept != part else part)
    return "\n\n".join(parts)
