"""The spelling table: each operation as an Excel cell, in plain words, and what it does to units.

A new numpy function is one line here and one line in `tests/test_spell.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from xl_econ.core import operations as own
from xl_econ.core import unit_rules as unit
from xl_econ.core.expr import Call, Expr, FormulaError, Literal, Ref
from xl_econ.core.unit_rules import UnitRule

# How tightly a piece of text holds together, by Excel's own table. A leading minus binds tighter
# than ^ in Excel (=-A1^2 is 4) and looser in Python, so a minus sign is always spelled as a difference.
COMPARED, JOINED, SUM, PRODUCT, POWER, ATOM = range(6)


@dataclass(frozen=True)
class Piece:
    """Spelled text and how tightly it holds together."""

    text: str
    level: int = ATOM

    def within(self, level: int) -> str:
        """The text, bracketed if it holds together less tightly than `level`."""
        return self.text if self.level >= level else f"({self.text})"


Rule = Callable[..., Piece]


def infix(symbol: str, level: int) -> Rule:
    """`a + b`; what stands on the right is bracketed at equal precedence: 2^(3^2), a-(b-c)."""

    def rule(a: Piece, b: Piece) -> Piece:
        return Piece(f"{a.within(level)}{symbol}{b.within(level + 1)}", level)

    return rule


def compared(symbol: str) -> Rule:
    """`a < b`."""

    def rule(a: Piece, b: Piece) -> Piece:
        return Piece(f"{a.within(JOINED)}{symbol}{b.within(JOINED)}", COMPARED)

    return rule


def function(name: str) -> Rule:
    """`NAME(a,b,…)`."""
    return lambda *args: Piece(f"{name}({','.join(arg.text for arg in args)})")


def form(pattern: str, level: int = ATOM, needs: int = COMPARED) -> Rule:
    """A pattern with {0}, {1} … for arguments that must hold together at least as tightly as `needs`."""
    return lambda *args: Piece(pattern.format(*(arg.within(needs) for arg in args)), level)


def joined(symbol: str) -> Rule:
    """`a & b & c`; text may be put together in any order."""
    return lambda *args: Piece(symbol.join(arg.within(JOINED) for arg in args), JOINED)


def spoken(name: str) -> Rule:
    """`the smaller of (a, b)`."""
    return lambda *args: Piece(f"{name}({', '.join(arg.text for arg in args)})")


def in_cells_only(name: str) -> Rule:
    """Refused inside a LAMBDA, where a range cannot grow from place to place, nor a sum be made for each."""

    def rule(*_args: Piece) -> Piece:
        raise FormulaError(f"{name} has no form inside a LAMBDA: leave what runs along months or volumes to its sheet")

    return rule


@dataclass(frozen=True)
class Spelling:
    """One operation in each dialect; `ranges` are the arguments that name a whole column or block.

    `spread` is the spelling inside a LAMBDA, where arguments may be arrays, if it is another than a cell's: MIN, MAX,
    AND and OR of arrays give a single value, and INDEX takes one place. And what knows LAMBDA knows XMATCH, which takes
    no label for a pattern and is several times faster in IronCalc.
    """

    excel: Rule
    words: Rule
    unit: UnitRule
    ranges: tuple[int, ...] = ()
    spread: Rule | None = None
    looks_along: bool = False
    """Whether what it takes whole may run along the axis of what it takes one by one."""
    until: tuple[int, ...] = ()
    """The arguments that name a block from its first place to the one at hand."""


SPELLINGS: dict[Any, Spelling] = {
    np.add: Spelling(infix("+", SUM), infix(" + ", SUM), unit.same),
    np.subtract: Spelling(infix("-", SUM), infix(" − ", SUM), unit.same),
    np.multiply: Spelling(infix("*", PRODUCT), infix(" × ", PRODUCT), unit.product),
    np.divide: Spelling(infix("/", PRODUCT), infix(" ÷ ", PRODUCT), unit.quotient),
    np.power: Spelling(infix("^", POWER), infix("^", POWER), unit.power),
    np.negative: Spelling(form("0-{0}", SUM, PRODUCT), form("−{0}", SUM, ATOM), unit.same),
    np.absolute: Spelling(function("ABS"), spoken("size of "), unit.same),
    np.sqrt: Spelling(function("SQRT"), spoken("root of "), unit.root),
    np.exp: Spelling(function("EXP"), spoken("exp"), unit.pure),
    np.log: Spelling(function("LN"), spoken("ln"), unit.pure),
    np.cos: Spelling(function("COS"), spoken("cos"), unit.pure),
    np.tanh: Spelling(function("TANH"), spoken("tanh"), unit.pure),
    np.log2: Spelling(form("LOG({0},2)"), spoken("log2"), unit.pure),
    np.minimum: Spelling(
        function("MIN"), spoken("the smaller of "), unit.same, spread=form("IF({0}<{1},{0},{1})", needs=JOINED)
    ),
    np.maximum: Spelling(
        function("MAX"), spoken("the larger of "), unit.same, spread=form("IF({0}>{1},{0},{1})", needs=JOINED)
    ),
    np.less: Spelling(compared("<"), compared(" < "), unit.comparison),
    np.less_equal: Spelling(compared("<="), compared(" ≤ "), unit.comparison),
    np.greater: Spelling(compared(">"), compared(" > "), unit.comparison),
    np.greater_equal: Spelling(compared(">="), compared(" ≥ "), unit.comparison),
    np.logical_and: Spelling(
        function("AND"), form("{0} and {1}", COMPARED, JOINED), unit.truths, spread=form("({0})*({1})>0", COMPARED)
    ),
    np.logical_or: Spelling(
        function("OR"), form("{0} or {1}", COMPARED, JOINED), unit.truths, spread=form("({0})+({1})>0", COMPARED)
    ),
    np.logical_not: Spelling(function("NOT"), spoken("not "), unit.truths),
    np.where: Spelling(function("IF"), form("(if {0} then {1} else {2})"), unit.branches),
    own.choose: Spelling(function("CHOOSE"), spoken("by code "), unit.options),
    own.ceil_whole: Spelling(form("-INT({1}-{0})", SUM, PRODUCT), form("{0} rounded up", JOINED, SUM), unit.pure),
    own.floor_whole: Spelling(form("INT({0}+{1})", needs=SUM), form("{0} rounded down", JOINED, SUM), unit.pure),
    own.at_most: Spelling(form("{0}-{1}<={2}", COMPARED, PRODUCT), form("{0} ≤ {1}", COMPARED, JOINED), unit.limit),
    own.pick: Spelling(function("INDEX"), form("{0} at {1}", JOINED, SUM), unit.first, ranges=(0,)),
    own.match: Spelling(
        form("MATCH({0},{1},0)"),
        form("place of {0} in {1}", JOINED),
        unit.code,
        ranges=(1,),
        spread=form("_xlfn.XMATCH({0},{1})"),
    ),
    own.largest: Spelling(function("MAX"), spoken("largest "), unit.first, ranges=(0,)),
    own.smallest: Spelling(function("MIN"), spoken("smallest "), unit.first, ranges=(0,)),
    own.last_within: Spelling(
        form("SUMPRODUCT(MAX(({1}-{2}<={5})*({3}-{4}<={5})*{0}))", needs=PRODUCT),
        form("last of {0} at which {1} ≤ {2} and {3} ≤ {4}", JOINED, SUM),
        unit.limits,
        ranges=(0, 1, 3),
    ),
    own.total: Spelling(function("SUM"), spoken("sum of "), unit.first, ranges=(0,)),
    own.median: Spelling(function("MEDIAN"), spoken("median of "), unit.first, ranges=(0,)),
    own.how_many: Spelling(function("COUNT"), spoken("how many of "), unit.code, ranges=(0,)),
    own.how_often: Spelling(
        form("COUNTIF({1},{0})"), form("how often {0} is among {1}", JOINED), unit.code, ranges=(1,)
    ),
    own.standing: Spelling(
        form("SUMPRODUCT(({2}-{0}>{4})+(ABS({2}-{0})<={4})*({3}<{1}))+1", SUM, PRODUCT),
        form("standing of {0} among {2}", JOINED, SUM),
        unit.code,
        ranges=(2, 3),
    ),
    own.at: Spelling(
        function("INDEX"),
        form("{0} at {1}", JOINED, SUM),
        unit.first,
        ranges=(0,),
        spread=form("_xlfn.MAP({1},_xlfn.LAMBDA(_xlpm.place,INDEX({0},_xlpm.place)))"),
        looks_along=True,
    ),
    own.total_below: Spelling(
        form("SUMPRODUCT(({1}<{2})*{0})", needs=JOINED),
        form("sum of {0} where {1} < {2}", JOINED, SUM),
        unit.first,
        ranges=(0, 1),
        spread=form("_xlfn.MAP({2},_xlfn.LAMBDA(_xlpm.key,SUM(({1}<_xlpm.key)*{0})))", needs=JOINED),
        looks_along=True,
    ),
    own.running_total: Spelling(
        function("SUM"), spoken("sum so far of "), unit.first, spread=in_cells_only("running_total"), until=(0,)
    ),
    own.running_worth: Spelling(
        form("SUMPRODUCT({0}/(1+{2})^{1})", needs=ATOM),
        form("sum so far of {0} discounted at {2}", JOINED),
        unit.first,
        spread=in_cells_only("running_worth"),
        until=(0, 1),
    ),
    own.running_largest: Spelling(
        function("MAX"), spoken("largest so far of "), unit.first, spread=in_cells_only("running_largest"), until=(0,)
    ),
    own.total_every: Spelling(
        form("SUMPRODUCT((INT(({2}-{1})/{3})=({2}-{1})/{3})*{0})", needs=ATOM),
        form("sum of {0} every {3} before {2}", JOINED, SUM),
        unit.first,
        spread=in_cells_only("total_every"),
        until=(0, 1),
    ),
    own.total_product: Spelling(
        function("SUMPRODUCT"), form("sum of {0} × {1}", JOINED, SUM), unit.product, ranges=(0, 1)
    ),
    own.how_many_positive: Spelling(form('COUNTIF({0},">0")'), spoken("how many above 0 of "), unit.code, ranges=(0,)),
    own.nth_largest: Spelling(function("LARGE"), form("{0} at {1} by size", JOINED, SUM), unit.first, ranges=(0,)),
    own.total_whole: Spelling(
        form("SUMPRODUCT({0}*({3}+(-INT({4}-{2}*{1})>{3})*(-INT({4}-{2}*{1})-{3})))", needs=ATOM),
        form("sum of {0} × the larger of ({3}, {2} × {1} rounded up)", JOINED, PRODUCT),
        unit.whole,
        spread=in_cells_only("total_whole"),
        ranges=(0, 1),
    ),
    own.rate_of_return: Spelling(function("IRR"), spoken("rate of return of "), unit.code, ranges=(0,)),
    own.blanks: Spelling(function("COUNTBLANK"), spoken("empty cells of "), unit.code, ranges=(0,)),
    own.differs: Spelling(compared("<>"), compared(" differs from "), unit.texts_compared),
    own.or_else: Spelling(function("IFERROR"), form("{0} (or else {1})"), unit.either),
    own.valid: Spelling(form("IF({0}>0,SQRT(0-1),{1})", needs=JOINED), spoken("if all is well (0) "), unit.either),
    own.join: Spelling(joined("&"), joined(" & "), unit.text),
    own.fixed: Spelling(function("FIXED"), form("{0}", ATOM, ATOM), unit.shown),
}


@dataclass(frozen=True)
class Naming:
    """How a dialect spells a quantity: one cell of it, the whole of it along its axis, and all up to this cell."""

    one: Callable[[str], str]
    whole: Callable[[str], str]
    until: Callable[[str], str] = str


PLAIN = Naming(str, str)
MOST_TEXT = 255
START = "="
"""What makes a cell's content a formula."""


def excel(expr: Expr, naming: Naming) -> str:
    """The formula of a cell, without the sign that starts a cell's formula."""
    return _spell(expr, _excel, naming).text


def spread(expr: Expr, naming: Naming) -> str:
    """The same inside a LAMBDA, whose names may stand for arrays: a column in, a column out."""
    return _spell(expr, _spread, naming).text


def cell_formula(expr: Expr, naming: Naming) -> str:
    """The formula as a cell holds it."""
    return START + excel(expr, naming)


def words(expr: Expr) -> str:
    """The formula in words, with quantities by name."""
    return _spell(expr, _words, PLAIN).text


Dialect = Callable[[Spelling], Rule]


def _excel(spelling: Spelling) -> Rule:
    return spelling.excel


def _spread(spelling: Spelling) -> Rule:
    return spelling.spread or spelling.excel


def _words(spelling: Spelling) -> Rule:
    return spelling.words


def spelling_of(node: Call) -> Spelling:
    """The table's row for a node; raises FormulaError for a function that has none."""
    if node.op not in SPELLINGS:
        raise FormulaError(f"{node.op.__name__} has no spelling. Use one of the table, or add a line to core/spell.py")
    return SPELLINGS[node.op]


def _spell(expr: Expr, dialect: Dialect, naming: Naming) -> Piece:
    if isinstance(expr, Ref):
        return Piece(naming.one(expr.name))
    if isinstance(expr, Literal):
        return Piece(constant(expr.value))
    assert isinstance(expr, Call)
    spelling = spelling_of(expr)
    args = [_argument(arg, expr, spelling, place, dialect, naming) for place, arg in enumerate(expr.args)]
    return dialect(spelling)(*args)


def _argument(arg: Expr, node: Call, spelling: Spelling, place: int, dialect: Dialect, naming: Naming) -> Piece:
    if place in spelling.ranges:
        return Piece(naming.whole(whole_name(arg, node)))
    if place in spelling.until:
        return Piece(naming.until(whole_name(arg, node)))
    return _spell(arg, dialect, naming)


def whole_name(arg: Expr, node: Call) -> str:
    """The quantity that a reduction takes whole; a formula of several steps is two quantities."""
    if isinstance(arg, Ref):
        return arg.name
    raise FormulaError(f"{node.op.__name__} takes a whole quantity, not an expression: declare that first")


def constant(value: float | str) -> str:
    """A constant in a formula; a negative one in brackets, since a leading minus binds tighter than a power."""
    if isinstance(value, str):
        return quoted(value)
    return bare(value) if value >= 0 else f"({bare(value)})"


def bare(number: float) -> str:
    """A number with all its digits, as an array of constants takes it."""
    return repr(float(number)).removesuffix(".0")


def quoted(text: str) -> str:
    """A text constant in a formula."""
    if len(text) > MOST_TEXT:
        raise FormulaError(f"a text of {len(text)} characters; a formula takes {MOST_TEXT}. Join shorter pieces")
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
