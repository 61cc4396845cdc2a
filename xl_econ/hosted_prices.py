"""The command `xl-econ hosted-prices`. Imports are lazy, as in the other commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xl_econ.telling import problems_told


def hosted_prices(
    provider: Annotated[str, typer.Argument(help="Such as openai, deepseek or together.")],
    model: Annotated[str, typer.Argument(help="The model's id, or a part of it.")],
    out: Annotated[Path | None, typer.Option("-o", metavar="PRICES.toml", help="Write the records here.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace PRICES.toml if it exists.")] = False,
) -> None:
    """Print dated prices of a hosted API as records for a study, from genai-prices where it is installed."""
    with problems_told():
        from datetime import date

        from xl_econ.inputs.price_list import as_toml
        from xl_econ.inputs.price_list import hosted_prices as listed
        from xl_econ.workbook.save import save, stop_unless_writable

        if out:
            stop_unless_writable(out, force, (".toml",))
        records, source = listed(provider, model, date.today())
        if out:
            save(out, as_toml(records, source).encode())
    told = f"{out}: {len(records)} prices from {source}. Put them into a study, and choose one as `hosted` or `bought`."
    typer.echo(told if out else as_toml(records, source), nl=bool(out))
