"""Units with scale: the own algebra, and pint's independent opinion on every formula of the model."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import numpy as np
import pint
import pytest

from xl_econ.core.expr import Call, Expr, Literal, Ref, walk
from xl_econ.core.graph import trace_function
from xl_econ.core.operations import (
    at,
    at_most,
    ceil_whole,
    choose,
    floor_whole,
    how_many_positive,
    largest,
    last_within,
    match,
    nth_largest,
    pick,
    rate_of_return,
    running_largest,
    running_total,
    running_worth,
    smallest,
    total,
    total_below,
    total_every,
    total_product,
    total_whole,
)
from xl_econ.core.quantity import Derived
from xl_econ.core.units import NAMED, UnitError, parse
from xl_econ.model import model_graph

# --- The own algebra ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("ms", "ms"),
        ("USD/Mtoken", "USD/Mtoken"),
        ("FLOP/param/token", "FLOP/param/token"),
        ("FLOP/token^2/layer", "FLOP/token^2/layer"),
        ("token*layer", "token*layer"),
        ("1/s", "1/s"),
        ("1", "1"),
        ("s*s/s", "s"),
        ("ms/ms", "1"),
        ("text", "text"),
    ],
)
def test_a_unit_is_read_and_written(text: str, written: str) -> None:
    assert str(parse(text)) == written
    assert parse(written).same_as(parse(text))


@pytest.mark.parametrize(
    ("left", "right", "why"),
    [
        ("Bparam*B/param", "GB", "billions of parameters times bytes"),
        ("GB*s/TB", "ms", "gigabytes over terabytes per second"),
        ("FLOP*Bparam*s/TFLOP/param", "ms", "work over rate"),
        ("MB/KB*token", "Ktoken", "counts have scale too"),
        ("kWh", "W*h*Ktoken/token", "a kilowatt for an hour"),
        ("year", "month*month*month*month*month*month/month^5*year/month", "what cancels is gone"),
        ("USD/h", "cent*Ktoken/token/h/Ktoken*token*USD/cent", "cents and dollars"),
        ("layer*ms", "ms*accelerator", "counts of things are plain numbers"),
    ],
)
def test_equal_dimension_and_scale_is_the_same_unit(left: str, right: str, why: str) -> None:
    assert parse(left).same_as(parse(right)), why


@pytest.mark.parametrize(
    ("left", "right", "why"),
    [
        ("ms", "s", "the scale differs"),
        ("USD/token", "USD/Mtoken", "a million apart"),
        ("USD/h", "USD*s/h/s*s", "a time too many"),
        ("token", "1", "tokens are no plain number"),
        ("B", "param", "bytes are no parameters"),
        ("FLOP", "B", "nor work"),
        ("text", "1", "text is no number"),
        ("month", "year", "twelve apart"),
        ("GB", "MB", "a thousand apart"),
    ],
)
def test_another_dimension_or_scale_is_another_unit(left: str, right: str, why: str) -> None:
    assert not parse(left).same_as(parse(right)), why


def test_units_multiply_divide_and_rise_to_powers() -> None:
    assert str(parse("GB") / parse("TB/s")) == "GB*s/TB"
    assert str(parse("USD/h") * parse("h")) == "USD"
    assert (parse("s") ** 2).same_as(parse("s^2"))
    assert (parse("s") ** 0).dimensionless
    assert parse("sequence").dimensionless
    assert not parse("token").dimensionless


@pytest.mark.parametrize("text", ["furlong", "gb", "tokens", "kB", "text/s"])
def test_an_unknown_unit_is_refused_and_the_message_lists_the_known(text: str) -> None:
    with pytest.raises(UnitError, match=r"unknown unit .*Known: 1, .*USD"):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "%",
        "$/h",
        "€/h",
        "GB/(TB/s)",
        "ms/1000",
        "USD/1000h",
        "2 GB",
        "GB ms",
        "s^-1",
        "USD per h",
        "token^1.5",
        "GB//s",
        "*GB",
        "GB/",
    ],
)
def test_a_unit_that_cannot_be_read_to_its_end_is_refused(text: str) -> None:
    """The text "GB/(TB/s)" is read as GB*TB/s, and "$/h" as 1/h."""
    with pytest.raises(UnitError):
        parse(text)


# --- Names ----------------------------------------------------------------------------------------------

NAME_SAYS_UNIT = {
    "ms": r"_ms",
    "s": r"one_s",
    "us/layer": r"_us",
    "us/sequence": r"_us",
    "ms/token": r"_ms_per_token",
    "GB": r"_gb(_per_sequence|_per_accelerator)?",
    "MB": r"_mb(_per_sequence)?",
    "MB/token": r"_mb_per_token",
    "1/token": r"_per_token",
    "ms/sequence": r"_ms_per_sequence",
    "GB/s": r"_gb_per_s",
    "TB/s": r"_tb_per_s",
    "TFLOP/s": r"_tflops",
    "Bparam": r"params_b",
    "B/param": r"bytes_per_param",
    "B/element": r"_bytes",
    "B/token/channel": r"_bytes",
    "token": r"(?<!_m_)tokens?",
    "token/s": r"tokens_per_s",
    "token/s/accelerator": r"tokens_per_s_per_accelerator",
    "Mtoken/h": r"m_tokens_per_h",
    "Mtoken/day": r"m_tokens_per_day",
    "request/s": r"requests_per_s",
    "Krequest/h": r"k_requests_per_h",
    "Mrequest/month": r"m_requests_per_month",
    "month/Mrequest": r"months_per_m_request",
    "token*layer": r"token_layers",
    "year": r"_years|one_year",
    "month": r"(lead|commitment|payback|start|until_\w+)_months|one_month",
    "h": r"_hours",
    "Mtoken": r"_m_tokens",
    "USD": r"_usd",
    "USD/h": r"usd_per_(\w+_)?h",
    "USD/month": r"usd_per_month",
    "USD/day": "usd_per_day",
    "USD/year": r"usd_per_year",
    "USD/kWh": r"usd_per_kwh",
    "USD/kW/month": r"usd_per_kw_month",
    "W": r"_w",
    "kW": r"(^|_)kw",
    "kWh/Mtoken": r"kwh_per_m_tokens",
    "kg/kWh": r"_kg_co2e_per_kwh",
    "kg/Mtoken": r"kg_co2e_per_m_tokens",
    "person/MW": r"staff_per_mw",
    "1/year": r"_share_per_year|crf",
    "h/year": r"_h_per_year",
    "currency/USD": r"currency_per_usd|usd_rate",
    "currency/Mtoken": r"currency_per_m_(\w+_)?tokens",
    "currency/month": r"currency_per_month",
    "W/kW": r"w_per_kw",
    "kW/MW": r"kw_per_mw",
    "USD/Mtoken": r"usd_per_m_(\w+_)?tokens",
    "USD/Krequest": r"usd_per_k_(requests|passed_tasks)",
    "cent/s": r"cents_per_s",
    "cent/Ktoken": r"cents_per_k_(\w+_)?tokens",
    "ms/s": r"ms_per_s",
    "us/ms": r"us_per_ms",
    "s/h": r"s_per_h",
    "h/day": r"h_per_day",
    "day/year": r"days_per_year",
    "month/year": r"months_per_year",
    "h/month": r"h_per_month",
    "B/GB": r"bytes_per_gb",
    "B/MB": r"bytes_per_mb",
    "MB/GB": r"mb_per_gb",
    "FLOP/param/token": r"flop_per_param_token",
    "FLOP/GFLOP": r"flop_per_gflop",
    "token/Mtoken": r"tokens_per_mtoken",
    "token/Ktoken": r"tokens_per_ktoken",
    "cent/USD": r"cents_per_usd",
    "request/Krequest": r"requests_per_krequest",
}
"""How a name ends that has the unit. Counts have the field's names: tensor_parallel, layers, hidden_size."""

UNNAMED = {"text", "FLOP/token^2", "FLOP/token^2/layer", "token/sequence"}


def units_said(name: str) -> set[str]:
    """The units that a name can have, by its longest ending."""
    ends = {unit: re.search(f"({ending})$", name) for unit, ending in NAME_SAYS_UNIT.items()}
    lengths = {unit: len(found[0]) for unit, found in ends.items() if found}
    return {unit for unit, length in lengths.items() if length == max(lengths.values())}


def test_names_and_units_say_the_same() -> None:
    shown = [q for q in model_graph() if q.unit in NAME_SAYS_UNIT or (q.unit != "text" and units_said(q.name))]
    wrong = {quantity.name: quantity.unit for quantity in shown if quantity.unit not in units_said(quantity.name)}
    assert wrong == {}


def test_every_unit_shows_in_names_but_counts_and_intermediate_ones() -> None:
    counts = {quantity.unit for quantity in model_graph() if parse(quantity.unit).dimensionless}
    assert {q.unit for q in model_graph()} - set(NAME_SAYS_UNIT) - counts == UNNAMED


# --- pint, which knows the units from definitions of its own ---------------------------------------------

DEFINITIONS = """
second = [time] = s
token = [tokens]
param = [parameters]
byte = [data] = B
FLOP = [work]
USD = [money]
joule = [energy] = J
ms = 0.001 s
us = 0.001 ms
minute = 60 s
h = 60 minute
day = 24 h
year = 365 day
month = 1 / 12 year
KB = 1000 B
MB = 1000 KB
GB = 1000 MB
TB = 1000 GB
GFLOP = 1000000000 FLOP
TFLOP = 1000 GFLOP
cent = 1 / 100 USD
Ktoken = 1000 token
request = []
Krequest = 1000 request
Mrequest = 1000000 request
Mtoken = 1000 Ktoken
Bparam = 1000000000 param
W = J / s
kW = 1000 W
MW = 1000 kW
kg = [mass]
currency = [own_money]
kWh = 1000 W * h
"""
COUNTED = ["layer", "head", "expert", "accelerator", "channel", "element", "entry", "sequence", "replica", "level"]
COUNTED += ["group", "stage", "person"]
CUT = "formulas on texts, and codes found by their labels, have no dimension to get wrong"
DRAWS = 6
LENGTH = 3
"""Places along every axis and in every table."""


@functools.cache
def registry() -> pint.UnitRegistry[Any]:
    """Nothing but our units; counts are plain numbers."""
    made: pint.UnitRegistry[Any] = pint.UnitRegistry(None)
    for line in [*DEFINITIONS.split("\n"), *(f"{count} = []" for count in COUNTED)]:
        if line:
            made.define(line)
    return made


def unit(text: str) -> Any:
    return registry().Unit("" if text == "1" else text.replace("^", "**"))


@pytest.mark.parametrize("name", [name for name in NAMED if name != "1"])
def test_pint_agrees_on_the_size_of_each_unit(name: str) -> None:
    factor, dimensions = NAMED[name]
    base = {"B": "byte", "s": "second", "J": "joule"}
    powers = "*".join(f"{base.get(dimension, dimension)}**{power}" for dimension, power in dimensions.items())
    assert (1 * unit(name)).to(powers or "").magnitude == pytest.approx(factor, rel=1e-12)


def test_every_unit_in_use_is_the_same_to_pint() -> None:
    for text in sorted({quantity.unit for quantity in model_graph()} - {"text"}):
        factor, _ = parse(text).reduced()
        assert (1 * unit(text)).to_base_units().magnitude == pytest.approx(factor, rel=1e-12), text


def plain(value: Any) -> Any:
    """The magnitude of what must be a plain number."""
    return value.to("").magnitude if isinstance(value, pint.Quantity) else value


def alike(values: list[Any]) -> list[Any]:
    """The literal 0 in the unit of what it stands beside; all else as it is."""
    units = [value.units for value in values if isinstance(value, pint.Quantity)]
    return [registry().Quantity(0.0, units[0]) if units and _is_zero(value) else value for value in values]


def _is_zero(value: Any) -> bool:
    return isinstance(value, int) and value == 0


def _where(condition: Any, yes: Any, no: Any) -> Any:
    return np.where(condition, *alike([yes, no]))


def _choose(code: Any, *options: Any) -> Any:
    """All options in the unit of the first with one, so that another dimension raises even if it is not chosen."""
    told = alike(list(options))
    units = [option.units for option in told if isinstance(option, pint.Quantity)]
    same = [option.to(units[0]) if isinstance(option, pint.Quantity) else option for option in told]
    if np.ndim(plain(code)):
        return choose(plain(code), *map(plain, same))
    return same[int(plain(code)) - 1]


def _at_most(x: Any, limit: Any, slack: Any) -> Any:
    x, limit = alike([x, limit])
    difference = x - limit
    return getattr(difference, "magnitude", difference) <= plain(slack)


def _last_within(places: Any, values: Any, limit: Any, others: Any, other_limit: Any, slack: Any) -> Any:
    pairs = [*alike([values, limit]), *alike([others, other_limit])]
    return last_within(plain(places), *(getattr(each, "magnitude", each) for each in pairs), plain(slack))


def _pick(column: Any, position: Any) -> Any:
    return column[np.asarray(plain(position)).astype(int) - 1]


OWN: dict[Any, Callable[..., Any]] = {
    np.where: _where,
    choose: _choose,
    at_most: _at_most,
    pick: _pick,
    ceil_whole: lambda x, slack: -np.floor(plain(slack) - plain(x)),
    floor_whole: lambda x, slack: np.floor(plain(x) + plain(slack)),
    smallest: lambda values: values.min(),
    largest: lambda values: values.max(),
    last_within: _last_within,
    total: lambda values: values.sum(),
    at: _pick,
    total_below: lambda values, keys, key: (values * (plain(keys) < plain(key)[:, np.newaxis])).sum(-1),
    running_total: lambda values: values.cumsum(),
    running_worth: lambda values, places, rate: (
        running_worth(values.magnitude, plain(places), plain(rate)) * values.units
    ),
    running_largest: lambda values: np.maximum.accumulate(values.magnitude) * values.units,
    total_every: lambda values, keys, key, step: (
        total_every(values.magnitude, plain(keys), plain(key), plain(step)) * values.units
    ),
    total_product: lambda values, others: (values * others).sum(),
    how_many_positive: lambda values: how_many_positive(getattr(values, "magnitude", values)),
    nth_largest: lambda values, place: nth_largest(values.magnitude, plain(place)) * values.units,
    total_whole: lambda weights, loads, scale, least, slack: total_whole(
        plain(weights), plain(loads), plain(scale), plain(least), plain(slack)
    ),
    rate_of_return: lambda values, guess: rate_of_return(getattr(values, "magnitude", values), plain(guess)),
    np.cos: lambda x: np.cos(plain(x)),
    np.exp: lambda x: np.exp(plain(x)),
    np.log: lambda x: np.log(plain(x)),
    np.log2: lambda x: np.log2(plain(x)),
    np.tanh: lambda x: np.tanh(plain(x)),
    np.power: lambda base, x: base**x if isinstance(x, int) else plain(base) ** plain(x),
}
"""What numpy does not hand to pint, or pint takes in more ways than one."""
ALIKE = {np.add, np.subtract, np.minimum, np.maximum, np.less, np.less_equal, np.greater, np.greater_equal}


def with_units(tree: Expr, values: Mapping[str, Any]) -> Any:
    """The formula on pint quantities."""
    if isinstance(tree, Ref):
        return values[tree.name]
    if isinstance(tree, Literal):
        return tree.value
    assert isinstance(tree, Call)
    args = [with_units(arg, values) for arg in tree.args]
    op = OWN.get(tree.op, tree.op)
    return op(*alike(args)) if op in ALIKE else op(*args)


def numbers_for(quantity: Derived, tree: Expr, seed: int) -> dict[str, Any]:
    """A value near 1 to 3 for each input: codes and places whole, switches 0 or 1, arrays along axes."""
    random, graph = Random(f"{quantity.name} {seed}"), model_graph()
    nodes = [node for node in walk(tree) if isinstance(node, Call)]
    codes = {id(node.args[0]): len(node.args) - 1 for node in nodes if node.op is choose}
    places = {id(node.args[1]): LENGTH for node in nodes if node.op is pick}
    most = {node.name: (codes | places).get(id(node)) for node in walk(tree) if isinstance(node, Ref)}
    found: dict[str, Any] = {}
    for name in quantity.inputs.values():
        limit = most.get(name)
        if graph.axes[name] is not None:
            drawn = [random.randint(1, limit) if limit else random.uniform(1, 3) for _ in range(LENGTH)]
            found[name] = np.array(drawn)
        elif limit:
            found[name] = random.randint(1, limit)
        elif name.startswith("corrects_"):
            found[name] = random.randint(0, 1)
        else:
            found[name] = random.uniform(0.2, 0.8) if name.endswith("_share") else random.uniform(1, 3)
    return found


def disagreement(quantity: Derived, tree: Expr, units: Mapping[str, str], values: Mapping[str, Any]) -> str | None:
    """What pint objects to: another dimension, or another magnitude than plain numpy's."""
    try:
        dressed = with_units(tree, {name: value * unit(units[name]) for name, value in values.items()})
        found = np.asarray((dressed * registry().dimensionless).to(unit(quantity.unit)).magnitude)
    except pint.DimensionalityError as error:
        return f"{quantity.name}: {error}"
    bare = quantity.formula(**{parameter: values[name] for parameter, name in quantity.inputs.items()})
    return None if np.allclose(found, bare, rtol=1e-9, atol=0) else f"{quantity.name}: {found} in units, {bare} without"


GRAPH = model_graph()
TREES = GRAPH.trees
NUMERIC = [
    quantity
    for quantity in GRAPH.derived
    if quantity.unit != "text"
    and match not in {node.op for node in walk(TREES[quantity.name]) if isinstance(node, Call)}
]


@pytest.mark.parametrize("quantity", NUMERIC, ids=lambda quantity: quantity.name)
def test_pint_agrees_with_every_formula_in_dimension_and_scale(quantity: Derived) -> None:
    units = {name: GRAPH[name].unit for name in quantity.inputs.values()}
    for seed in range(DRAWS):
        values = numbers_for(quantity, TREES[quantity.name], seed)
        assert disagreement(quantity, TREES[quantity.name], units, values) is None


def test_only_texts_and_codes_are_left_out_of_the_check_by_pint() -> None:
    left_out = [quantity for quantity in GRAPH.derived if quantity not in NUMERIC]
    assert [q.name for q in left_out if not (q.unit == "text" or q.name.endswith("_code"))] == [], CUT
    assert len(NUMERIC) > 4 * len(left_out)


MISTAKES: list[tuple[Callable[..., Any], dict[str, str], str, str]] = [
    (lambda a, b: a / b, {"a": "USD/h", "b": "token/s"}, "USD/token", "3,600 forgotten"),
    (lambda a, b: a + b, {"a": "ms", "b": "s"}, "ms", "1,000 forgotten in a sum: pint converts, numpy does not"),
    (lambda a, b: np.maximum(a, b), {"a": "ms", "b": "s"}, "ms", "1,000 forgotten in a maximum"),
    (lambda a, b: np.where(a > 2, a, b), {"a": "GB", "b": "MB"}, "GB", "1,000 forgotten in a branch"),
    (lambda a, b: choose(b, a, b), {"a": "GB", "b": "1"}, "GB", "another dimension in an option that is not chosen"),
    (lambda a, b: a * b, {"a": "Bparam", "b": "B/param"}, "MB", "gigabytes called megabytes"),
    (lambda a, b: at_most(a, b, 0) * 1, {"a": "ms", "b": "GB"}, "1", "a limit of another dimension"),
    (lambda a, b: ceil_whole(a, b), {"a": "token", "b": "1"}, "1", "tokens are no count of things"),
    (lambda a, b: np.exp(a / b), {"a": "s", "b": "h"}, "1", "an exponent with scale"),
]


@pytest.mark.parametrize(("function", "units", "declared", "why"), MISTAKES, ids=[mistake[3] for mistake in MISTAKES])
def test_the_check_by_pint_finds_a_mistake(
    function: Callable[..., Any], units: dict[str, str], declared: str, why: str
) -> None:
    names = {name: name for name in inspect.signature(function).parameters}
    quantity = Derived("wrong", declared, "Wrong", "test", formula=function, inputs=names)
    assert disagreement(quantity, trace_function(function), units, {"a": 1.5, "b": 1}) is not None, why
