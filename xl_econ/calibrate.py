"""The command `xl-econ calibrate`. Imports are lazy, as in the other commands."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xl_econ.telling import problems_told

if TYPE_CHECKING:
    from xl_econ.calibration.own_fit import OwnFit
    from xl_econ.calibration.stack import Chosen


def calibrate(
    results: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Results of vLLM, SGLang, GuideLLM or AIPerf, of one stack.")
    ],
    llm: Annotated[str | None, typer.Option(help="Its id; left out: as the files name it.")] = None,
    accelerator: Annotated[str | None, typer.Option(help="Its id.")] = None,
    weight_precision: Annotated[str | None, typer.Option(help="Format of the weights.")] = None,
    kv_precision: Annotated[str | None, typer.Option(help="Format of the KV cache.")] = None,
    activation_precision: Annotated[str | None, typer.Option(help="Format of the activations.")] = None,
    tensor_parallel: Annotated[int | None, typer.Option(min=1, help="Accelerators that share each layer.")] = None,
    data_parallel: Annotated[int | None, typer.Option(min=1, help="Groups with attention of their own.")] = None,
    pipeline_parallel: Annotated[
        int | None, typer.Option(min=1, help="Stages, each with a share of the layers.")
    ] = None,
    expert_parallel: Annotated[int | None, typer.Option(min=1, help="Accelerators that hold whole experts.")] = None,
    engine: Annotated[str | None, typer.Option(help="Engine generation, as in a study.")] = None,
    engine_release: Annotated[str | None, typer.Option(help="Release of the engine, as in a study.")] = None,
    replicas: Annotated[int, typer.Option(min=1, help="Copies of the LLM behind the address that was measured.")] = 1,
    study: Annotated[Path | None, typer.Option(metavar="FILE.toml", help="Take what is not given from it.")] = None,
    scenario: Annotated[str | None, typer.Option(metavar="NAME", help="Which of the study's; else the first.")] = None,
    out: Annotated[Path | None, typer.Option("-o", metavar="MY.toml", help="Write the factors here.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace MY.toml if it exists.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="All figures, as JSON.")] = False,
) -> None:
    """Compare your own benchmarks with their predictions, and find the factors that bring the two together."""
    options = {
        "llm": llm,
        "accelerator": accelerator,
        "weight_precision": weight_precision,
        "kv_precision": kv_precision,
        "activation_precision": activation_precision,
        "tensor_parallel": tensor_parallel,
        "data_parallel": data_parallel,
        "pipeline_parallel": pipeline_parallel,
        "expert_parallel": expert_parallel,
        "engine": engine,
        "engine_release": engine_release,
    }
    with problems_told():
        stack, found = _found(results, options, replicas, study, scenario)
        if out:
            _write(out, force, found)
    if as_json:
        typer.echo(json.dumps(_as_json(found), indent=1, allow_nan=False))
        return
    _print(stack, found)
    if out:
        typer.echo(f"{out}: written.")


def _found(
    results: list[Path], options: dict[str, Any], replicas: int, study: Path | None, scenario: str | None
) -> tuple[Chosen, OwnFit]:
    from xl_econ.calibration.benchmarks import read_benchmarks
    from xl_econ.calibration.own_fit import own_fit
    from xl_econ.calibration.stack import chosen

    files = read_benchmarks(results)
    stack = chosen([run for file in files for run in file.runs], options, replicas, study, scenario)
    return stack, own_fit(files, stack, date.today())


def _write(out: Path, force: bool, found: OwnFit) -> None:
    from xl_econ.inputs.own_calibration import to_toml
    from xl_econ.workbook.save import save, stop_unless_writable

    stop_unless_writable(out, force, (".toml",))
    save(out, to_toml(found.calibration).encode())


def _as_json(found: OwnFit) -> dict[str, Any]:
    left_out = [{"name": name, "reason": reason} for name, reason in found.left_out]
    return found.calibration.model_dump(mode="json") | {"points": found.rows(), "left_out": left_out}


def _print(stack: Chosen, found: OwnFit) -> None:
    from xl_econ.printing import print_tables

    for name, value in found.calibration.stack:
        typer.echo(f"{name:<17} {value}")
    for note in stack.notes:
        typer.echo(note)
    print_tables(found.tables())
    for name, factor in (("time", found.calibration.time), ("time to first token", found.calibration.ttft)):
        if factor:
            of = "1 point" if factor.points == 1 else f"{factor.points} points"
            spread = f"{factor.low:.3f} to {factor.high:.3f}, {of}"
            typer.echo(f"{name}: {factor.factor:.3f} times as long as predicted ({spread})")
