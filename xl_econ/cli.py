"""The command `xl-econ`. Imports are lazy, so that help is instant; work is done in the rooms."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Generator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xl_econ.calibrate import calibrate
from xl_econ.hosted_prices import hosted_prices
from xl_econ.layouts import layouts
from xl_econ.simulate import simulate
from xl_econ.telling import problems_told

if TYPE_CHECKING:
    from xl_econ.inputs.study import Study

app = typer.Typer(
    name="xl-econ",
    help="What serving an LLM costs: in Python, and in a workbook whose every number is a live formula.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
template_app = typer.Typer(help="Compile workbook templates.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(template_app, name="template")
functions_app = typer.Typer(help="The model as functions of Excel.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(functions_app, name="functions")

FINDINGS = 1


class Sheets(StrEnum):
    """How much of the workbook."""

    core = "core"
    full = "full"


class Kind(StrEnum):
    """What can be listed."""

    presets = "presets"
    llms = "llms"
    accelerators = "accelerators"
    hosted = "hosted"
    quantities = "quantities"
    functions = "functions"


class Spreadsheet(StrEnum):
    """Where functions can be put."""

    windows = "windows"
    lite = "lite"
    server = "server"
    libreoffice = "libreoffice"


@app.command()
def new(
    out: Annotated[Path, typer.Argument(metavar="OUT.xlsx", help="The workbook to write.")],
    preset: Annotated[str | None, typer.Option(help="A shipped study; `xl-econ list presets` names them.")] = None,
    study: Annotated[Path | None, typer.Option(metavar="FILE.toml", help="A study of your own.")] = None,
    template: Annotated[
        Path | None, typer.Option(metavar="FILE.xlsx", help="Your own restyled workbook of ours.")
    ] = None,
    sheets: Annotated[
        Sheets, typer.Option(help="core leaves out the article's sheets and the evidence.")
    ] = Sheets.full,
    force: Annotated[bool, typer.Option("--force", help="Replace OUT.xlsx if it exists.")] = False,
) -> None:
    """Write a workbook: live formulas, with the computed values beside them."""
    with problems_told():
        from xl_econ.workbook.fill import new_workbook
        from xl_econ.workbook.save import save, stop_unless_writable

        stop_unless_writable(out, force, (template.suffix.lower() if template else ".xlsx",))
        chosen = _study(preset, study)
        with _progress("Writing the workbook"):
            if template:
                from xl_econ.workbook.refresh import from_template

                save(out, from_template(template, chosen))
            else:
                save(out, new_workbook(chosen, full=sheets is Sheets.full))
    typer.echo(f'{out}: "{chosen.title}" ({", ".join(chosen.names)}). Open it, or try `xl-econ compute {out}`.')


@app.command()
def compute(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A preset, a .toml study or an .xlsx workbook.")],
    as_json: Annotated[bool, typer.Option("--json", help="All quantities, as JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="As comma-separated values, a row per quantity.")] = False,
    quantity: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only these; may be repeated.")] = None,
) -> None:
    """Print what a study gives."""
    with problems_told():
        from xl_econ.inputs.results import evaluate
        from xl_econ.model import HEADLINES
        from xl_econ.workbook.source import study_from

        names = quantity or (None if as_json else list(HEADLINES))
        results = evaluate(study_from(source), names)
    if as_json:
        typer.echo(json.dumps({"scenarios": results.scenarios, "units": results.units}, indent=1))
    elif as_csv:
        typer.echo(results.to_csv(), nl=False)
    else:
        from xl_econ.printing import print_results

        print_results(results)


@app.command()
def read(
    book: Annotated[Path, typer.Argument(metavar="BOOK.xlsx", help="A workbook made by `new` and edited since.")],
    out: Annotated[Path | None, typer.Option("-o", metavar="STUDY.toml", help="Write the study here.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace STUDY.toml if it exists.")] = False,
) -> None:
    """Take the edited inputs out of a workbook, checked, as a study."""
    with problems_told():
        from xl_econ.inputs.study import to_toml
        from xl_econ.workbook.read import read_workbook
        from xl_econ.workbook.save import save, stop_unless_writable

        text = to_toml(read_workbook(book))
        if out:
            stop_unless_writable(out, force, (".toml",))
            save(out, text.encode())
    typer.echo(f"{out}: read from {book}." if out else text, nl=bool(out))


@app.command()
def refresh(
    book: Annotated[Path, typer.Argument(metavar="BOOK.xlsx", help="A workbook made by `new`, whatever became of it.")],
    out: Annotated[Path | None, typer.Option("-o", metavar="OUT.xlsx", help="Write here, not in place.")] = None,
    study: Annotated[Path | None, typer.Option(metavar="FILE.toml", help="Take all inputs from this study.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="One input; SCENARIO.NAME=VALUE; =inherit follows the first."),
    ] = None,
    rebase: Annotated[bool, typer.Option("--rebase", help="Make it the baseline that Changes compares with.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace OUT.xlsx if it exists.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The whole receipt, as JSON.")] = False,
) -> None:
    """Put new inputs and results into a workbook, and touch nothing else in it."""
    with problems_told():
        from xl_econ.inputs.changes import read_changes
        from xl_econ.inputs.study import load_study
        from xl_econ.workbook.refresh import refresh_workbook

        changes = read_changes(settings or ())
        with _progress("Refreshing the workbook"):
            chosen = load_study(study) if study else None
            receipt = refresh_workbook(book, out, study=chosen, changes=changes, rebase=rebase, force=force)
    typer.echo(json.dumps(receipt.as_json(), indent=1) if as_json else receipt.told())


@app.command()
def check(
    book: Annotated[Path, typer.Argument(metavar="BOOK.xlsx", help="A workbook made by `new`, whatever became of it.")],
    as_json: Annotated[bool, typer.Option("--json", help="All findings, as JSON.")] = False,
    as_sarif: Annotated[bool, typer.Option("--sarif", help="All findings, as SARIF for build servers.")] = False,
) -> None:
    """Say what is wrong with a workbook: stale, overwritten, altered or missing. Exit code 1 if anything is."""
    with problems_told():
        from xl_econ.workbook import check as checks

        findings = checks.check_workbook(book)
    if as_json or as_sarif:
        plain = {"findings": [finding.as_json() for finding in findings]}
        typer.echo(json.dumps(checks.as_sarif(book, findings) if as_sarif else plain, indent=1))
    else:
        for finding in checks.summed_up(findings):
            typer.echo(str(finding))
        typer.echo(checks.verdict(book, findings))
    if any(finding.level != "note" for finding in findings):
        raise typer.Exit(FINDINGS)


@app.command()
def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="A preset, a .toml study or a workbook.")],
    after: Annotated[
        str | None, typer.Argument(metavar="B", help="Another one; left out: what became of workbook A's baseline.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Compare inputs, results, catalog and structure, side by side."""
    with problems_told():
        from xl_econ.workbook.compare import compare_sources

        found = compare_sources(before, after)
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=1))
    else:
        from xl_econ.printing import print_difference

        print_difference(found)


@app.command()
def explain(name: Annotated[str, typer.Argument(metavar="NAME", help="A quantity, such as ttft_ms.")]) -> None:
    """Say where a number comes from: formula, inputs, source and cell."""
    with problems_told():
        from xl_econ.explain import explain as explained

        lines = explained(name)
    width = max(len(head) for head, _ in lines)
    for head, text in lines:
        typer.echo(f"{head:<{width}}  " + text.replace("\n", "\n" + " " * (width + 2)))


@app.command("list")
def list_(kind: Annotated[Kind, typer.Argument(help="What to list.")]) -> None:
    """List what there is, one a line."""
    with problems_told():
        from xl_econ.listing import listing

        for name, what in listing(kind.value):
            typer.echo(f"{name:<42} {what}")


@functions_app.command()
def lambdas(
    book: Annotated[
        Path | None,
        typer.Argument(metavar="BOOK.xlsx", help="Any workbook, to put the names into; else they are printed."),
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", metavar="OUT.xlsx", help="Write here, not in place.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace OUT.xlsx if it exists.")] = False,
) -> None:
    """The functions as LAMBDA names for any workbook: printed (name, tab, formula), or put into a file without loss."""
    with problems_told():
        from xl_econ.functions.anywhere import lines, names_anywhere
        from xl_econ.workbook.give_names import give_names

        if book is None:
            for line in lines():
                typer.echo(line)
            return
        target = give_names(book, names_anywhere(), out, force)
    typer.echo(f"{target}: LLM.WEIGHTS_GB and the others of `xl-econ list functions` can be called now.")


@functions_app.command()
def install(
    into: Annotated[Spreadsheet | None, typer.Option("--for", help="Default: windows on Windows, else lite.")] = None,
    folder: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Where to write the files.")] = Path(
        "xl_econ_functions"
    ),
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
) -> None:
    """Bring =TTFT_MS(...) into a spreadsheet: writes what it needs, checks this machine, tells the steps left."""
    with problems_told():
        from xl_econ.install import install as installed
        from xl_econ.install import usual

        done = installed(into.value if into else usual(), folder, force)
    for head, lines in (("written", done.written), ("found", done.found), ("MISSING", done.missing)):
        for line in lines:
            typer.echo(f"{head:<8} {line}")
    for number, step in enumerate(done.steps, 1):
        typer.echo(f"step {number}   {step}")


@app.command("import-llm")
def import_llm(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.json", help="The config.json of an LLM on Hugging Face.")],
    id: Annotated[str | None, typer.Option("--id", help="Its id in the study; else made of its name.")] = None,
    out: Annotated[Path | None, typer.Option("-o", metavar="STUDY.toml", help="Write the study here.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace STUDY.toml if it exists.")] = False,
) -> None:
    """Make a study of any LLM from its config.json: parameters, KV cache and layers, each with where it is from."""
    with problems_told():
        from xl_econ.inputs.imported import import_llm as imported
        from xl_econ.workbook.save import save, stop_unless_writable

        if out:
            stop_unless_writable(out, force, (".toml",))
        written = imported(config, id)
        if out:
            save(out, written.toml.encode())
    if out:
        for line in written.told:
            typer.echo(line)
        typer.echo(f"{out}: try `xl-econ new deal.xlsx --study {out}`, or `xl-econ compute {out}`.")
    else:
        typer.echo(written.toml, nl=False)


@app.command()
def evidence(
    measured: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="Measurements; docs/evidence.md has the columns.")
    ],
    study: Annotated[
        Path | None, typer.Option(metavar="FILE.toml", help="A study whose own LLMs and accelerators count too.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="All figures, as JSON.")] = False,
) -> None:
    """Compare what the model predicts with what was measured, by metric and by group."""
    with problems_told():
        from xl_econ.calibration.evidence import evidence as found_in
        from xl_econ.inputs.study import load_study

        with _progress("Predicting"):
            found = found_in(measured, load_study(study).catalog if study else None)
    if as_json:
        told = {"metrics": found.metrics(), "groups": found.groups(), "left_out": found.reasons()}
        typer.echo(json.dumps(told, indent=1, allow_nan=False))
    else:
        from xl_econ.printing import print_evidence

        print_evidence(found)


app.command()(calibrate)
app.command()(layouts)
app.command()(hosted_prices)
app.command()(simulate)


@template_app.command()
def build(
    out: Annotated[Path | None, typer.Option("-o", metavar="FILE.xlsx", help="Default: the shipped templates.")] = None,
    theme: Annotated[Path | None, typer.Option(metavar="FILE.toml", help="Colours and number formats.")] = None,
    scenarios: Annotated[int, typer.Option(min=1, max=40, help="How many scenario columns.")] = 3,
    months: Annotated[int, typer.Option(help="How many months the plan has: whole years.")] = 60,
) -> None:
    """Compile a template from the model: every sheet, formula, style, chart and name."""
    with problems_told():
        from xl_econ.core.problems import stop_on
        from xl_econ.core.shipped import shipped
        from xl_econ.inputs.study import month_problems
        from xl_econ.workbook.blank import template_study
        from xl_econ.workbook.fill import SHIPPED
        from xl_econ.workbook.save import save, stop_unless_writable
        from xl_econ.workbook.template import compile_template
        from xl_econ.workbook.theme import load_theme

        stop_on(month_problems(months, "--months"))
        targets = {True: out} if out else {full: shipped(name) for full, name in SHIPPED.items()}
        for full, target in targets.items():
            stop_unless_writable(target, True, (".xlsx",))
            with _progress("Compiling the template"):
                save(target, compile_template(template_study(scenarios, months), load_theme(theme), full))
            typer.echo(f"{target}: a template for {scenarios} scenarios and {months} months.")


def main() -> None:
    """Entry point."""
    app()


# --- helpers ---


def _study(preset: str | None, path: Path | None) -> Study:
    from xl_econ.inputs.study import STANDARD, StudyError, load_study
    from xl_econ.inputs.study import preset as shipped_study

    if preset and path:
        raise StudyError(["--preset and --study are both given. Give one."])
    return load_study(path) if path else shipped_study(preset or STANDARD)


@contextlib.contextmanager
def _progress(what: str) -> Generator[None]:
    """A spinner for what may take over a second, on a terminal only."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield
