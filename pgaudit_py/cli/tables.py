"""Commands about tables: migrate, install, uninstall, check, demo."""

from __future__ import annotations

import click

from pgaudit_py.cli.common import FOUND, Settings, agree


@click.command()
@click.pass_obj
def migrate(settings: Settings) -> None:
    """Create the schema pgaudit_py, or bring it up to date."""
    with settings.audit() as audit:
        done = audit.migrate()
    click.echo(
        f"ran {len(done.migrations)} migrations and {len(done.functions)} functions" if done else "up to date"
    )


@click.command()
@click.option("--table", "tables", multiple=True, required=True, help="Name as in SQL; as often as you like.")
@click.option("--snapshots", type=click.Choice(["changes", "all"]), default="changes", show_default=True,
              help="Keep what an update changed, or the whole row as well.")  # fmt: skip
@click.option("--truncate-rows", type=click.IntRange(min=0), default=100_000, show_default=True,
              help="Up to this many rows, a TRUNCATE is recorded row by row.")  # fmt: skip
@click.option("--sql", "show_sql", is_flag=True, help="Print the SQL that would be run, and change nothing.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@click.pass_obj
def install(
    settings: Settings,
    tables: tuple[str, ...],
    snapshots: str,
    truncate_rows: int,
    show_sql: bool,
    dry_run: bool,
) -> None:
    """Record every change of tables from now on. Creates the schema pgaudit_py where it is missing."""
    with settings.audit() as audit:
        if show_sql or dry_run:
            for table in tables:
                outcome, sql = audit.preview_install(table, snapshots=snapshots, truncate_rows=truncate_rows)
                click.echo(sql if show_sql else f"{outcome.subject_type}: would be {outcome.outcome}")
            return
        if audit.migrate():
            click.echo("schema pgaudit_py is up to date now")
        for table in tables:
            done = audit.install(table, snapshots=snapshots, truncate_rows=truncate_rows)
            click.echo(f"{done.subject_type}: {done.outcome}")
            if not done.key:
                click.echo(
                    f"{done.subject_type} has no primary key: its rows are recorded, but have no history",
                    err=True,
                )


@click.command()
@click.option("--table", "tables", multiple=True, help="Name as in SQL; as often as you like.")
@click.option("--all", "every", is_flag=True, help="All tables.")
@click.option(
    "--drop-log", is_flag=True, help="With --all: remove the schema too, and all that was recorded."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def uninstall(settings: Settings, tables: tuple[str, ...], every: bool, drop_log: bool, yes: bool) -> None:
    """Stop recording changes. What was recorded stays, unless --drop-log is given."""
    if bool(tables) == every:
        raise click.UsageError("Name tables by --table, or all of them by --all.")
    if drop_log and not every:
        raise click.UsageError("--drop-log goes with --all: the log is one for all tables.")
    with settings.audit() as audit:
        if drop_log:
            agree("Remove the schema pgaudit_py and everything that was recorded?", yes=yes)
            names = audit.drop_schema()
        else:
            agree("Stop recording changes?", yes=yes)
            names = [audit.uninstall(table) for table in (audit.tracked() if every else tables)]
    for name in names:
        click.echo(f"{name}: removed")


@click.command()
@click.argument("tables", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All tables.")
@click.pass_obj
def check(settings: Settings, tables: tuple[str, ...], every: bool) -> None:
    """Check that the log, folded, is the table. Exits with 3 where it is not."""
    from pgaudit_py.output import console, json_line, short, table

    if bool(tables) == every:
        raise click.UsageError("Name tables, or give --all.")
    found = 0
    with settings.audit() as audit:
        for name in audit.tracked() if every else tables:
            problems = audit.verify_table(name)
            found += len(problems)
            if settings.output == "json":
                for problem in problems:
                    json_line(problem)
            elif problems:
                rows = (
                    (p.problem, p.subject_id, p.activity_id, p.field, short(p.expected), short(p.found_value))
                    for p in problems
                )
                console().print(table(["problem", "record", "activity", "field", "log", "found"], rows))
            else:
                click.echo(f"{name}: the log and the table tell the same")
    if found:
        raise click.exceptions.Exit(FOUND)


@click.command()
def demo() -> None:
    """Show the main job on a PostgreSQL of its own: nothing to set up, nothing left behind."""
    from pgaudit_py.demo import run

    run()


COMMANDS = (migrate, install, uninstall, check, demo)
