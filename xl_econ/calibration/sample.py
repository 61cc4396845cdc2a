"""Draw a sample of measurements for the sheet Evidence: `python -m xl_econ.calibration.sample FILE.csv [-o OUT.csv]`.

The rule: of the rows of quality A and B that can be predicted, one for each stratum of metric, LLM, accelerator and
engine; and of the strata only those with at least so many rows that no more than 160 remain, since a lone row may be a
slip. Which row of a stratum it is, a hash of its configuration with a seed decides: the measured value, the order of
the file and other strata do not, so how far off a prediction is plays no part.
"""

from __future__ import annotations

import argparse
import csv
import functools
import hashlib
import sys
import tomllib
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path

from xl_econ.calibration.evidence import evidence
from xl_econ.calibration.measured import COLUMNS, Row
from xl_econ.calibration.table import Cells, read_table
from xl_econ.core.problems import Problems, one_line, stop_on

DATA = Path(__file__).parent / "data"
SAMPLE = DATA / "evidence.csv"
SEED = 1
BAD_INPUT = 2
"""The exit code."""
MOST = 160
"""Rows that a reader can still look through."""
KEPT = (
    *("source_title", "source_ref", "date", "engine", "model", "arch", "gpu", "num_gpus", "tp", "pp", "dp", "ep"),
    *("weight_dtype", "kv_dtype", "isl", "osl", "concurrency_or_batch", "metric", "value", "unit"),
    *("quality", "group", "notes"),
)
"""What of a row is taken over; its licence comes behind."""
LICENCE, VALUE = "licence", "value"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m xl_econ.calibration.sample", description=__doc__)
    parser.add_argument("file", type=Path, help="measurements, in the columns of `xl-econ evidence`")
    parser.add_argument("-o", "--out", type=Path, default=SAMPLE)
    parser.add_argument("--most", type=int, default=MOST, help="rows at most")
    told = parser.parse_args()
    try:
        rows = with_licences(sample(told.file, told.most))
    except (Problems, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(BAD_INPUT) from None
    with told.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*KEPT, LICENCE], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{told.out}: {len(rows)} rows.")


def sample(path: Path, most: int = MOST) -> list[Cells]:
    """The rows that the rule draws, in the order of the file. Raises Problems for what is no file of measurements."""
    cells = cells_by_line(path)
    strata: dict[Hashable, list[int]] = {}
    for point in evidence(path).scored:
        strata.setdefault(stratum(point.row), []).append(point.row.line)
    drawn = [min(lines, key=lambda line: _lot(cells[line])) for lines in _large_enough(list(strata.values()), most)]
    return [cells[line] for line in sorted(drawn)]


def cells_by_line(path: Path) -> dict[int, Cells]:
    """The cells of each line as the file has them."""
    problems: list[str] = []
    found = dict(read_table(path, COLUMNS, problems))
    stop_on(problems, Problems)
    return found


def stratum(row: Row) -> Hashable:
    """What a drawn row stands for."""
    return row.kind, row.llm, row.accelerator, row.engine


def _large_enough(strata: Sequence[Sequence[int]], most: int) -> list[Sequence[int]]:
    """The strata of at least so many rows that there are no more than wanted."""
    sizes = sorted({len(lines) for lines in strata})
    for size in sizes:
        found = [lines for lines in strata if len(lines) >= size]
        if len(found) <= most:
            return found
    return []


def _lot(cells: Cells) -> tuple[str, str]:
    """The lower is drawn; the value, without which nothing is off, only tells runs of one configuration apart."""
    told = "|".join(cells.get(name, "") for name in KEPT if name != VALUE)
    return hashlib.sha256(f"{SEED}|{told}".encode()).hexdigest(), cells[VALUE]


def with_licences(rows: Sequence[Cells]) -> list[dict[str, str]]:
    """The rows with the licence of their source. Raises Problems where one is not known."""
    found = [{name: cells.get(name, "") for name in KEPT} | {LICENCE: licence_of(cells["group"])} for cells in rows]
    unknown = sorted({cells["group"] for cells in found if not cells[LICENCE]})
    advice = "Add it to calibration/data/licences.toml."
    stop_on([f"{one_line(group)}: the licence of this source is not known. {advice}" for group in unknown], Problems)
    return found


def licence_of(group: str) -> str:
    """Nothing where it is not known."""
    return next((licence for start, licence in _licences().items() if group.startswith(start)), "")


@functools.cache
def _licences() -> Mapping[str, str]:
    return tomllib.loads((DATA / "licences.toml").read_text("utf-8"))["licences"]


if __name__ == "__main__":
    main()
