"""Bridge: from the article's figure to ours, and from one scenario to another, a real evaluation at each step."""

from __future__ import annotations

from xl_econ.inputs.article import article_bridge
from xl_econ.model import bridge as told
from xl_econ.model.given_parts import EXPLAINED
from xl_econ.workbook.bridge_cells import (
    CORRECTIONS,
    FIGURE,
    FIRST_SOURCE,
    HOW_IT_IS,
    LABEL,
    LEVEL,
    ORDER,
    PLACE,
    RESULT,
    SCENARIOS,
    TOTAL,
    WHY,
)
from xl_econ.workbook.charts import waterfall
from xl_econ.workbook.layout import letters
from xl_econ.workbook.page import Page, Seen
from xl_econ.workbook.sheets.setting_cells import FOUR, four_results, of_scenarios, picked_result, picked_scenario
from xl_econ.workbook.sheets.steps import (
    ADDS_UP,
    IN_ORDER,
    WIDTHS,
    band,
    columns_of_trials,
    ranks,
    same,
    state_cell,
    step,
    sum_check,
    total,
)
from xl_econ.workbook.trials import GROUPS, STATE, bridge_ends, correction_trials

TITLE = "Bridge"
PURPOSE = (
    "Why two figures differ, step by step. Each step is the whole model once more (sheet Workings) with one change "
    "more; the order of the steps is yours."
)
TAKES = (
    "LLM, number formats, method, engine",
    "Accelerator, its memory and rates, parallelism",
    "Tokens per request, prefix cache, limits on latency",
    "Serving mode, speculation, own measurements, every row of Assumptions",
    "Sizing, demand, peak, headroom, utilisation",
    "Price of an hour, bill and its split, hosted alternative, whatever else there is",
)


def write(page: Page) -> None:
    page.head(TITLE, PURPOSE, WIDTHS, frozen=False)
    page.pen.dress("print_area", 0, 0, SCENARIOS.rank_check, WHY)
    page.pen.dress("set_print_scale", 50)
    page.pen.dress("set_h_pagebreaks", [SCENARIOS.top])
    faults(page)


def faults(page: Page) -> dict[str, Seen]:
    """Writes both bridges; gives the cells that Checks repeats, by what should hold."""
    found = {f"Bridge from the article: {what}": cell for what, cell in _corrections(page).items()}
    return found | {f"Bridge between scenarios: {what}": cell for what, cell in _scenarios(page).items()}


# --- from the article to ours ---


def _corrections(page: Page) -> dict[str, Seen]:
    table, about = CORRECTIONS, article_bridge()
    band(page, table, "From the article's 71 USD per 1 M output tokens to ours")
    waterfall(page, table, "From the article's figure to ours, USD per 1 M output tokens")
    fault = ranks(page, table, [each.why for each in about.correction])
    start, end = (page.layout.scenarios + place for place in bridge_ends())
    for row, label, why in (
        (table.opening, "Printed in the article", "0.9 cent per second, over 126 tokens per second."),
        (table.first, "The article's method, computed live", "The article rounds 0.889 cent per second up to 0.9."),
        (table.end, "All corrections together, computed by themselves", ""),
    ):
        page.text(row, LABEL, label)
        page.text(row, WHY, why, "wrapped")
    page.figure(table.opening, RESULT, about.printed, "quoted", "change")
    first = before = same(page, table.opening, LEVEL, (f"{letters(RESULT)}{table.opening + 1}", about.printed))
    same(page, table.opening, TOTAL, first)
    columns = [start, *columns_of_trials(page, 0, len(correction_trials()))]
    for row, column in zip((table.first, *table.steps), columns, strict=True):
        figure, state = page.seen(about.quantity, column), page.seen(STATE, column)
        before = step(page, row, same(page, row, FIGURE, figure, "link"), state_cell(page, row, state), before)
    figure, state = page.seen(about.quantity, end), page.seen(STATE, end)
    last = total(
        page, table.end, same(page, table.end, FIGURE, figure, "link"), state_cell(page, table.end, state), before
    )
    return {IN_ORDER: fault, ADDS_UP: sum_check(page, table, (first, before, last))}


# --- from scenario to scenario ---


def _scenarios(page: Page) -> dict[str, Seen]:
    table = SCENARIOS
    band(page, table, "From one scenario to another: why is it cheaper?")
    ends = [picked_scenario(page, name, RESULT) for name in ("bridge_from", "bridge_to")]
    label, code = picked_result(page, "bridge_result", PLACE)
    title = {"start": ends[0][1], "end": ends[1][1], "label": label}
    page.worked(table.first_pick + 2, WHY, told.bridge_title, title, "wrapped", "text")
    waterfall(page, table, [page.sheet, table.first_pick + 2, WHY])
    fault = ranks(page, table, TAKES)
    _sources(page)
    first = before = _scenario_end(page, table.opening, ends[0], code)
    for row, column in zip(table.steps, columns_of_trials(page, len(correction_trials()), len(GROUPS)), strict=True):
        figure = page.worked(row, FIGURE, told.chosen, {"code": code, **four_results(page, column)}, "link")
        before = step(page, row, figure, state_cell(page, row, page.seen(STATE, column)), before)
    last = _scenario_end(page, table.end, ends[1], code, before)
    return {IN_ORDER: fault, ADDS_UP: sum_check(page, table, (first, before, last))}


def _scenario_end(page: Page, row: int, end: tuple[Seen, Seen], code: Seen, before: Seen | None = None) -> Seen:
    """A bridge's end: what the sheet Engine says of a scenario."""
    place, name = end
    same(page, row, LABEL, name, "formula_text", "text")
    states = {"values": of_scenarios(page, STATE), "place": place}
    state = page.worked(row, HOW_IT_IS, told.scenario_value, states, "link", "code")
    results = dict(zip(FOUR, (of_scenarios(page, name) for name in EXPLAINED), strict=True))
    figure = page.worked(row, FIGURE, told.scenario_result, {"code": code, "place": place, **results}, "link")
    return total(page, row, figure, state, before)


def _sources(page: Page) -> None:
    """Which scenario each group follows, step by step."""
    (first, last), settings = (SCENARIOS.first_pick, SCENARIOS.first_pick + 1), page.columns.settings
    ends = {
        "start": (f"${letters(ORDER)}${first + 1}", settings["bridge_from"][0]),
        "end": (f"${letters(ORDER)}${last + 1}", settings["bridge_to"][0]),
    }
    for place, row in enumerate(SCENARIOS.steps):
        page.text(SCENARIOS.rank_heads, FIRST_SOURCE + place, f"Scenario in step {place + 1}", "head_right")
        for group, rank in enumerate(settings["group_ranks"]):
            taken = {
                "rank": (f"${letters(ORDER)}{SCENARIOS.ranks[group] + 1}", rank),
                "step": (f"${letters(ORDER)}${row + 1}", place + 1),
            }
            page.worked(SCENARIOS.ranks[group], FIRST_SOURCE + place, told.taken_over, taken | ends, unit="code")
