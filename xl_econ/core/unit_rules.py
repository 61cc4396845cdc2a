"""What each kind of operation does to units. A rule takes the arguments' units and, for powers, trees."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xl_econ.core.expr import Expr, Literal
from xl_econ.core.units import ANYTHING, TEXT_UNIT, TRUTH_UNIT, Unit, UnitError

UnitRule = Callable[[Sequence[Unit], Sequence[Expr]], Unit]
ONE = Unit()


def agreed(units: Sequence[Unit], what: str) -> Unit:
    """The one unit that all share; the literal 0 goes with any."""
    known = [unit for unit in units if not unit.anything]
    for unit in known[1:]:
        if not unit.same_as(known[0]):
            raise UnitError(f"{what} mixes {known[0]} with {unit}")
    return known[0] if known else ANYTHING


def numbers(units: Sequence[Unit]) -> None:
    """Refuses text and truth values where cells and numpy would count differently with them."""
    for unit in units:
        if unit.is_special:
            raise UnitError(f"a {unit} is no number; use np.where to turn it into one")


def same(units: Sequence[Unit], _args: Sequence[Expr]) -> Unit:
    numbers(units)
    return agreed(units, "a sum, difference, minimum or maximum")


def comparison(units: Sequence[Unit], _args: Sequence[Expr]) -> Unit:
    numbers(units)
    agreed(units, "a comparison")
    return TRUTH_UNIT


def truths(units: Sequence[Unit], _args: Sequence[Expr]) -> Unit:
    """and, or, not."""
    for unit in units:
        condition(unit)
    return TRUTH_UNIT


def condition(unit: Unit) -> None:
    if not unit.same_as(TRUTH_UNIT):
        raise UnitError(f"a condition must be a comparison, this one is in {unit}")


def limit(units: Sequence[Unit], args: Sequence[Expr]) -> Unit:
    """at_most(x, limit, slack): the slack goes with any unit."""
    return comparison(units[:2], args)


def limits(units: Sequence[Unit], args: Sequence[Expr]) -> Unit:
    """last_within(places, values, limit, others, other limit, slack)."""
    comparison(units[1:3], args)
    comparison(units[3:5], args)
    return units[0]


def branches(units: Sequence[Unit], _args: Sequence[Expr]) -> Unit:
    """where(condition, a, b)."""
    condition(units[0])
    return agreed(units[1:], "a choice between values")


def options(units: Sequence[Unit], _args: Sequence[Expr]) -> Unit:
    """choose(code, a, b, …)."""
    pure(units[:1], _args)
    return agreed(units[1:], "a choice between values")


def product(units: Sequence[Unit], _args: Sequence[Expr]) -> Unit:
    numbers(units)
    return units[0] * units[1]


def quotient(units: Sequence[Unit], _args: Sequence[Expr]) -> Unit:
    numbers(units)
    return units[0] / units[1]


def power(units: Sequence[Unit], args: Sequence[Expr]) -> Unit:
    base, exponent = units
    if not exponent.dimensionless:
        raise UnitError(f"an exponent must be a plain number, this one is in {exponent}")
    if isinstance(args[1], Literal):
        return base ** int(args[1].value)
    return pure(units[:1], args)


def root(units: Sequence[Unit], _args: Sequence[Expr]) -> Unit:
    if any(power % 2 for power in units[0].powers.values()):
        raise UnitError(f"the root of {units[0]} has no unit")
    return Unit({name: power // 2 for name, power in units[0].powers.items()})


def either(units: Sequence[Unit], _args: Sequence[Expr]) -> Unit:
    """or_else(value, instead)."""
    return agreed(units, "a choice between values")


def pure(units: Sequence[Unit], _args: Sequence[Expr]) -> Unit:
    for unit in units:
        if not unit.dimensionless:
            raise UnitError(f"exp, logarithm and powers need a plain number, this one is in {unit}")
    return ONE


def whole(units: Sequence[Unit], args: Sequence[Expr]) -> Unit:
    """total_whole(weights, loads, scale, least, slack): loads at the scale are counted."""
    pure([product(units[1:3], args), *units[3:]], args)
    return units[0]


def first(units: Sequence[Unit], _args: Sequence[Expr]) -> Unit:
    return units[0]


def code(_units: Sequence[Unit], _args: Sequence[Expr]) -> Unit:
    return ONE


def text(units: Sequence[Unit], _args: Sequence[Expr]) -> Unit:
    """join: text only, since numbers are spelled differently by every program."""
    for unit in units:
        if not unit.same_as(TEXT_UNIT):
            raise UnitError(f"only text can stand here, this part is in {unit}; use fixed")
    return TEXT_UNIT


def texts_compared(units: Sequence[Unit], _args: Sequence[Expr]) -> Unit:
    """differs: two texts."""
    text(units, _args)
    return TRUTH_UNIT


def shown(units: Sequence[Unit], _args: Sequence[Expr]) -> Unit:
    """fixed: a number becomes text."""
    numbers(units)
    return TEXT_UNIT
