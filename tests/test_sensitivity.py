"""The tornado and the grid: each case a real evaluation from the picked scenario, sorted and live in the workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import engines
import numpy as np
import pytest
from studies import random_study
from test_bridge import typed_settings
from test_parity import differences
from workbooks import calls_of_functions, put, without_rates

from xl_econ.catalog.assumptions import assumptions
from xl_econ.inputs.results import evaluate
from xl_econ.inputs.scenario import Scenario, decided
from xl_econ.inputs.study import Study, preset
from xl_econ.model.given_parts import EXPLAINED
from xl_econ.model.sensitivity import elasticity, swing
from xl_econ.workbook.columns import Columns, Held, columns_of
from xl_econ.workbook.fill import filled, new_workbook
from xl_econ.workbook.other_layouts import best_others
from xl_econ.workbook.sensitivity_cells import DRIVERS, GRID_FACTORS, SORTED
from xl_econ.workbook.trials import correction_trials, scenario_trials

RESULT = "usd_per_m_tokens"


def columns(study: Study, **changed: list[Any]) -> Columns:
    return columns_of(study, held=Held(settings=changed))


def first_of(found: Columns) -> int:
    """The column of the base; behind it low and high of each driver, and the grid."""
    return len(found.all) + len(correction_trials()) + len(scenario_trials())


@pytest.mark.parametrize("place", range(3))
def test_the_base_is_the_picked_scenarios_own_result(place: int) -> None:
    found = columns(random_study(5), tornado_scenario=[place + 1])
    for name in EXPLAINED:
        assert found.value(name, first_of(found)) == pytest.approx(found.value(name, place), rel=1e-12)


@pytest.mark.parametrize("name", [name for name in DRIVERS if name in decided()])
def test_a_case_is_what_a_scenario_with_the_driver_moved_gives(name: str) -> None:
    """An input or assumption that is typed in, at its low and its high end."""
    study = preset("standard")
    found = columns(study)
    for end, factor in enumerate((0.8, 1.2)):
        known, base = assumptions().get(name), found.value(name, 0)
        value = (known.low, known.high)[end] if known else base * factor
        typed = int(value) if decided()[name].bounds.whole else value
        moved = study.model_copy(
            update={"scenarios": {"Base": study.scenarios["Base"], "Moved": Scenario(**{name: typed})}}
        )
        wanted = evaluate(moved, [RESULT]).scenarios["Moved"][RESULT]
        case = first_of(found) + 1 + 2 * list(DRIVERS).index(name) + end
        assert found.value(RESULT, case) == pytest.approx(wanted, rel=1e-12)


def test_a_price_moves_the_cost_in_proportion_and_utilisation_against_it() -> None:
    found = columns(preset("standard"))
    base, first = found.value(RESULT, first_of(found)), first_of(found) + 1
    low, high = (found.value(RESULT, first + 2 * list(DRIVERS).index("usd_per_accelerator_h") + end) for end in (0, 1))
    assert (low / base, high / base) == pytest.approx((0.8, 1.2))
    low, high = (found.value(RESULT, first + 2 * list(DRIVERS).index("utilisation") + end) for end in (0, 1))
    assert (low / base, high / base) == pytest.approx((1 / 0.8, 1 / 1.2))


def test_the_grid_is_price_over_utilisation() -> None:
    found = columns(preset("standard"))
    base, first = found.value(RESULT, first_of(found)), first_of(found) + 1 + 2 * len(DRIVERS)
    cells = [found.value(RESULT, first + place) for place in range(len(GRID_FACTORS) ** 2)]
    wanted = [base * price / used for used in GRID_FACTORS for price in GRID_FACTORS]
    assert cells == pytest.approx(wanted)


def test_the_largest_swing_stands_first() -> None:
    cells = filled(preset("standard"))["Sensitivity"]
    swings = [round(abs(cells[f"I{row + 1}"].value - cells[f"H{row + 1}"].value), 9) for row in SORTED]
    assert swings == sorted(swings, reverse=True)
    assert len({cells[f"A{row + 1}"].value for row in SORTED}) == len(DRIVERS), "each driver once, equals included"


@pytest.mark.parametrize(
    ("ends", "found", "why"),
    [
        ((80.0, 100.0, 120.0, -2.0, 2.0, 10.0), 1.0, "twenty percent more costs twenty percent more"),
        ((80.0, 100.0, 120.0, 0.0, 0.0, 10.0), 0.0, "nothing follows"),
        ((0.0, 0.0, 0.0, 0.0, 0.0, 10.0), 0.0, "what is nothing cannot move by a percentage"),
    ],
)
def test_an_elasticity_is_percent_for_percent(ends: tuple[float, ...], found: float, why: str) -> None:
    with np.errstate(invalid="ignore"):
        assert elasticity(*map(np.float64, ends)) == pytest.approx(found), why


def test_a_swing_is_told_over_the_base() -> None:
    assert swing(np.float64(-1.0), np.float64(3.0), np.float64(8.0)) == 0.5


CHANGED = {
    "tornado_scenario": [2],
    "tornado_result": ["USD per month"],
    "low_factors": [0.5, 0.9, 0.8, 0.7, 0.6, 0.5],
    "high_factors": [1.5, 4.0, 1.2, 1.3, 1.4, 2.0],
    "grid_across": [0.2, 0.5, 1.0, 2.0, 5.0],
    "grid_down": [0.1, 0.5, 1.0, 2.0, 9.0],
}


@pytest.mark.parametrize("seed", [11, 14])
def test_two_engines_follow_what_a_person_sets(seed: int, tmp_path: Path) -> None:
    study, path = random_study(seed), tmp_path / "book.xlsx"
    settings = best_others(study, study.names[0]) | CHANGED
    path.write_bytes(new_workbook(study))
    expected = {
        (sheet, at): cell.value
        for sheet, cells in filled(study, held=Held(settings=settings)).items()
        for at, cell in cells.items()
        if cell.formula is not None and (sheet, at) not in calls_of_functions()
    }
    for engine, cells in ((engines.IroncalcBook, expected), (engines.CellruneBook, without_rates(expected))):
        book = engine(put(path, typed_settings(CHANGED)))
        book.recalculate()
        assert not differences(cells, book.values(cells))
