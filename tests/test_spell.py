"""The spelling table: every operation as a cell and in words, and proof by two engines that cells equal numpy."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import engines
import numpy as np
import pytest
import xlsxwriter
from engines import Value, same_value
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xl_econ.core.expr import Call, Expr, FormulaError, Ref, walk
from xl_econ.core.graph import trace_function
from xl_econ.core.operations import (
    at,
    at_most,
    blanks,
    ceil_whole,
    choose,
    differs,
    fixed,
    floor_whole,
    how_many,
    how_many_positive,
    how_often,
    join,
    largest,
    last_within,
    match,
    median,
    nth_largest,
    or_else,
    pick,
    rate_of_return,
    running_largest,
    running_total,
    running_worth,
    smallest,
    standing,
    total,
    total_below,
    total_every,
    total_product,
    total_whole,
    valid,
)
from xl_econ.core.spell import PLAIN, SPELLINGS, Naming, cell_formula, constant, excel, spread, words

# --- One case for each row of the table ----------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A formula, what it must be spelled as, and why."""

    formula: Callable[..., Any]
    excel: str
    words: str
    why: str


ROWS: dict[Callable[..., Any], Case] = {
    np.add: Case(lambda a, b: a + b, "a+b", "a + b", "as in Python"),
    np.subtract: Case(lambda a, b: a - b, "a-b", "a − b", "words have a true minus sign"),
    np.multiply: Case(lambda a, b: a * b, "a*b", "a × b", "as in Python"),
    np.divide: Case(lambda a, b: a / b, "a/b", "a ÷ b", "as in Python"),
    np.power: Case(lambda a, b: a**b, "a^b", "a^b", "Excel's power"),
    np.negative: Case(lambda a: -a, "0-a", "−a", "a leading minus binds tighter than ^ in Excel: none is written"),
    np.absolute: Case(lambda a: abs(a), "ABS(a)", "size of (a)", "abs() is np.abs is np.absolute"),
    np.sqrt: Case(lambda a: np.sqrt(a), "SQRT(a)", "root of (a)", "same meaning"),
    np.exp: Case(lambda a: np.exp(a), "EXP(a)", "exp(a)", "same meaning"),
    np.log: Case(lambda a: np.log(a), "LN(a)", "ln(a)", "Excel's LOG has base 10: natural is LN"),
    np.cos: Case(lambda a: np.cos(a), "COS(a)", "cos(a)", "same meaning, in radians"),
    np.tanh: Case(lambda a: np.tanh(a), "TANH(a)", "tanh(a)", "same meaning"),
    np.log2: Case(lambda a: np.log2(a), "LOG(a,2)", "log2(a)", "Excel has no LOG2"),
    np.minimum: Case(lambda a, b: np.minimum(a, b), "MIN(a,b)", "the smaller of (a, b)", "of two, never along an axis"),
    np.maximum: Case(lambda a, b: np.maximum(a, b), "MAX(a,b)", "the larger of (a, b)", "of two, never along an axis"),
    np.less: Case(lambda a, b: a < b, "a<b", "a < b", "as in Python"),
    np.less_equal: Case(lambda a, b: a <= b, "a<=b", "a ≤ b", "one sign in words"),
    np.greater: Case(lambda a, b: a > b, "a>b", "a > b", "as in Python"),
    np.greater_equal: Case(lambda a, b: a >= b, "a>=b", "a ≥ b", "one sign in words"),
    np.logical_and: Case(
        lambda a, b, c: np.logical_and(a < b, b < c), "AND(a<b,b<c)", "(a < b) and (b < c)", "how a<b<c is written"
    ),
    np.logical_or: Case(
        lambda a, b, c: np.logical_or(a < b, b < c), "OR(a<b,b<c)", "(a < b) or (b < c)", "a function in Excel"
    ),
    np.logical_not: Case(lambda a, b: np.logical_not(a < b), "NOT(a<b)", "not (a < b)", "a function in Excel"),
    np.where: Case(
        lambda a, b: np.where(a < b, a, 0), "IF(a<b,a,0)", "(if a < b then a else 0)", "both branches are given"
    ),
    choose: Case(lambda k, a, b: choose(k, a, b), "CHOOSE(k,a,b)", "by code (k, a, b)", "both count from 1"),
    ceil_whole: Case(
        lambda a, s: ceil_whole(a, s), "-INT(s-a)", "a rounded up", "ROUNDUP goes away from zero, INT goes down"
    ),
    floor_whole: Case(lambda a, s: floor_whole(a, s), "INT(a+s)", "a rounded down", "INT goes down in both"),
    at_most: Case(lambda a, b, s: at_most(a, b, s), "a-b<=s", "a ≤ b", "the slack is no reader's business"),
    pick: Case(lambda t, k: pick(t, k), "INDEX(t,k)", "t at k", "both count from 1"),
    match: Case(lambda a, t: match(a, t), "MATCH(a,t,0)", "place of a in t", "0: exact, the table is not sorted"),
    smallest: Case(lambda t: smallest(t), "MIN(t)", "smallest (t)", "along the axis"),
    largest: Case(lambda t: largest(t), "MAX(t)", "largest (t)", "along the axis"),
    last_within: Case(
        lambda u, t, a, v, b, s: last_within(u, t, a, v, b, s),
        "SUMPRODUCT(MAX((t-a<=s)*(v-b<=s)*u))",
        "last of u at which t ≤ a and v ≤ b",
        "SUMPRODUCT makes every program go through the ranges place by place",
    ),
    median: Case(lambda t: median(t), "MEDIAN(t)", "median of (t)", "along the axis"),
    how_many: Case(lambda t: how_many(t), "COUNT(t)", "how many of (t)", "numbers alone, as COUNT counts"),
    how_often: Case(
        lambda a, t: how_often(a, t), "COUNTIF(t,a)", "how often a is among t", "numbers alone: a text may be a pattern"
    ),
    standing: Case(
        lambda a, b, t, u, s: standing(a, b, t, u, s),
        "SUMPRODUCT((t-a>s)+(ABS(t-a)<=s)*(u<b))+1",
        "standing of a among t",
        "RANK gives equals the same",
    ),
    total: Case(lambda t: total(t), "SUM(t)", "sum of (t)", "along the axis"),
    at: Case(lambda t, k: at(t, k), "INDEX(t,k)", "t at k", "one cell of a row looks up another along the axis"),
    total_below: Case(
        lambda t, u, a: total_below(t, u, a),
        "SUMPRODUCT((u<a)*t)",
        "sum of t where u < a",
        "SUMIF would spell the key as text, by the reader's language",
    ),
    running_total: Case(lambda t: running_total(t), "SUM(t)", "sum so far of (t)", "the range grows: $J9:K9 in K"),
    running_worth: Case(
        lambda t, u, a: running_worth(t, u, a),
        "SUMPRODUCT(t/(1+a)^u)",
        "sum so far of t discounted at a",
        "one row where a row of factors and one of products would be two",
    ),
    running_largest: Case(lambda t: running_largest(t), "MAX(t)", "largest so far of (t)", "the range grows"),
    total_every: Case(
        lambda t, u, a, b: total_every(t, u, a, b),
        "SUMPRODUCT((INT((a-u)/b)=(a-u)/b)*t)",
        "sum of t every b before a",
        "IronCalc's MOD takes no range; a whole number over a whole one is exact",
    ),
    total_product: Case(lambda t, u: total_product(t, u), "SUMPRODUCT(t,u)", "sum of t × u", "NPV() is left alone"),
    how_many_positive: Case(
        lambda t: how_many_positive(t), 'COUNTIF(t,">0")', "how many above 0 of (t)", "0 has no decimal point"
    ),
    nth_largest: Case(lambda t, k: nth_largest(t, k), "LARGE(t,k)", "t at k by size", "both count from the largest"),
    total_whole: Case(
        lambda t, u, a, b, s: total_whole(t, u, a, b, s),
        "SUMPRODUCT(t*(b+(-INT(s-a*u)>b)*(-INT(s-a*u)-b)))",
        "sum of t × the larger of (b, a × u rounded up)",
        "MAX of a range gives a single value",
    ),
    rate_of_return: Case(
        lambda t, a: rate_of_return(t, a), "IRR(t,a)", "rate of return of (t, a)", "LibreOffice fails without a guess"
    ),
    blanks: Case(lambda t: blanks(t), "COUNTBLANK(t)", "empty cells of (t)", "a blank cell counts as 0 elsewhere"),
    differs: Case(lambda a, b: differs(a, b), "a<>b", "a differs from b", "texts only: numbers compare 15 digits"),
    or_else: Case(lambda a: or_else(a, 0), "IFERROR(a,0)", "a (or else 0)", "an error must not spread to every sheet"),
    valid: Case(
        lambda a, b: valid(a, b), "IF(a>0,SQRT(0-1),b)", "if all is well (0) (a, b)", "Excel has no constant for #NUM!"
    ),
    join: Case(lambda a, b: join(a, b), "a&b", "a & b", "CONCAT is too new for Excel 2007"),
    fixed: Case(lambda a: join(fixed(a, 2)), "FIXED(a,2)", "a", "TEXT() depends on the reader's language"),
}


@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.__name__)
def test_each_operation_is_spelled_as_its_case_says(op: Callable[..., Any]) -> None:
    case, tree = ROWS[op], trace_function(ROWS[op].formula)
    assert op in {node.op for node in walk(tree) if isinstance(node, Call)}, "the case is about another operation"
    assert (excel(tree, PLAIN), words(tree)) == (case.excel, case.words), case.why


def test_no_row_of_the_table_is_without_a_case() -> None:
    assert set(ROWS) == set(SPELLINGS)


# Inside a LAMBDA, all is known that is as new as it is, and a name may stand for a range or a whole axis: what Excel
# reduces to one value is spelled element by element.
SPREAD: dict[Callable[..., Any], str] = {
    match: "_xlfn.XMATCH(a,t)",
    np.minimum: "IF(a<b,a,b)",
    np.maximum: "IF(a>b,a,b)",
    np.logical_and: "(a<b)*(b<c)>0",
    np.logical_or: "(a<b)+(b<c)>0",
    at: "_xlfn.MAP(k,_xlfn.LAMBDA(_xlpm.place,INDEX(t,_xlpm.place)))",
    total_below: "_xlfn.MAP(a,_xlfn.LAMBDA(_xlpm.key,SUM((u<_xlpm.key)*t)))",
}


@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.__name__)
def test_inside_a_lambda_only_what_reduces_or_is_newer_is_spelled_otherwise(op: Callable[..., Any]) -> None:
    tree, in_a_cell = trace_function(ROWS[op].formula), ROWS[op].excel
    if SPELLINGS[op].until or op is total_whole:
        with pytest.raises(FormulaError, match="no form inside a LAMBDA"):
            spread(tree, PLAIN)
        return
    assert spread(tree, PLAIN) == SPREAD.get(op, in_a_cell)


@pytest.mark.parametrize(
    ("value", "text"), [(0.1, "0.1"), (8192.0, "8192"), (1e-09, "1e-09"), (1 / 3, repr(1 / 3)), (-2.5, "(-2.5)")]
)
def test_a_number_has_all_its_digits(value: float, text: str) -> None:
    assert constant(value) == text


# --- Where precedence, quoting and rounding set traps --------------------------------------------------

TRAPS = [
    Case(lambda x: -(x**2), "0-x^2", "−(x^2)", "=-A1^2 is 4 in Excel where Python has -4"),
    Case(lambda x: (-x) ** 2, "(0-x)^2", "(−x)^2", "the sign first: 4 in both"),
    Case(lambda x: -x * 2, "(0-x)*2", "(−x) × 2", "Python negates first"),
    Case(lambda a, b: a - -b, "a-(0-b)", "a − (−b)", "a double minus is taken apart by brackets"),
    Case(lambda x: np.negative(-x), "0-(0-x)", "−(−x)", "never --"),
    Case(lambda a, b: -(a - b), "0-(a-b)", "−(a − b)", "the sign turns the whole difference"),
    Case(lambda a, b: -(a * b), "0-a*b", "−(a × b)", "a product needs no brackets"),
    Case(lambda x: 2**x**2, "2^(x^2)", "2^(x^2)", "2**3**2 is 512, =2^3^2 is 64: bracket the right"),
    Case(lambda x: (2**x) ** 2, "2^x^2", "2^x^2", "Excel goes from left to right"),
    Case(lambda a, b: (a * b) ** 2, "(a*b)^2", "(a × b)^2", "a power binds tighter than a product"),
    Case(lambda a, b: a ** (b - 1), "a^(b-1)", "a^(b − 1)", "an exponent of two terms"),
    Case(lambda a, b, c: a - (b - c), "a-(b-c)", "a − (b − c)", "a-b-c is another number"),
    Case(lambda a, b, c: a - b - c, "a-b-c", "a − b − c", "from left to right in both"),
    Case(lambda a, b, c: a - (b + c), "a-(b+c)", "a − (b + c)", "a-b+c is another number"),
    Case(lambda a, b, c: a / (b * c), "a/(b*c)", "a ÷ (b × c)", "a/b*c is another number"),
    Case(lambda a, b, c: a / (b / c), "a/(b/c)", "a ÷ (b ÷ c)", "a/b/c is another number"),
    Case(lambda a, b, c: a * (b / c), "a*(b/c)", "a × (b ÷ c)", "the order of the roundings is Python's"),
    Case(lambda a, b, c: (a + b) * c, "(a+b)*c", "(a + b) × c", "a sum in a product"),
    Case(lambda a, b, c: a + b * c, "a+b*c", "a + b × c", "no brackets where none are needed"),
    Case(lambda a, b: np.minimum(a - b, 0), "MIN(a-b,0)", "the smaller of (a − b, 0)", "commas part arguments"),
    Case(lambda a, b: np.log2(a + b), "LOG(a+b,2)", "log2(a + b)", "commas part arguments"),
    Case(lambda a, b: a + b < a * b, "a+b<a*b", "a + b < a × b", "a comparison binds loosest"),
    Case(
        lambda a, b, c: np.logical_and(np.logical_or(a < b, b < c), np.logical_not(a < c)),
        "AND(OR(a<b,b<c),NOT(a<c))",
        "((a < b) or (b < c)) and not (a < c)",
        "and, or and not as functions need no brackets; in words they do",
    ),
    Case(
        lambda a, b: np.where(a < b, np.where(a < 1, a, 1), b),
        "IF(a<b,IF(a<1,a,1),b)",
        "(if a < b then (if a < 1 then a else 1) else b)",
        "nested choices",
    ),
    Case(lambda a, b: np.where(a < b, a, b) * 2, "IF(a<b,a,b)*2", "(if a < b then a else b) × 2", "IF holds together"),
    Case(lambda a, s: ceil_whole(a, s) * 2, "(-INT(s-a))*2", "(a rounded up) × 2", "its minus sign is bracketed"),
    Case(
        lambda a, s: ceil_whole(a, s) ** 2,
        "(-INT(s-a))^2",
        "(a rounded up)^2",
        "a minus and a power: Excel and Python disagree",
    ),
    Case(lambda a, b, s: floor_whole(a - b, s) * 2, "INT(a-b+s)*2", "(a − b rounded down) × 2", "INT holds together"),
    Case(lambda a, b, s: ceil_whole(a - b, s), "-INT(s-(a-b))", "a − b rounded up", "the whole difference is turned"),
    Case(
        lambda a, b, s: 1 + ceil_whole(a, s) - ceil_whole(b, s),
        "1+(-INT(s-a))-(-INT(s-b))",
        "1 + (a rounded up) − (b rounded up)",
        "no sign follows a sign",
    ),
    Case(lambda a, b, c, s: at_most(a + b, c, s), "(a+b)-c<=s", "a + b ≤ c", "both sides of <= are one difference"),
    Case(lambda a, b, c, s: at_most(a, b + c, s), "a-(b+c)<=s", "a ≤ b + c", "the whole limit is subtracted"),
    Case(
        lambda a, b, s: np.where(np.logical_and(at_most(a, b, s), a > 0), a, b),
        "IF(AND(a-b<=s,a>0),a,b)",
        "(if (a ≤ b) and (a > 0) then a else b)",
        "comparisons in AND in IF",
    ),
    Case(lambda t, k: pick(t, k + 1) - 1, "INDEX(t,k+1)-1", "(t at k + 1) − 1", "the place may be computed"),
    Case(lambda a: join('say "', a, '"'), '"say """&a&""""', '"say """ & a & """"', "a quote is doubled in a text"),
    Case(lambda a: join("=1+", a), '"=1+"&a', '"=1+" & a', "a text that looks like a formula stays text"),
    Case(
        lambda a, b: join(join("x", a), join(b, "y")),
        '"x"&a&b&"y"',
        '"x" & a & b & "y"',
        "text may be put together in any order",
    ),
    Case(
        lambda a, t: np.where(a > 1, join(t, "s"), t),
        'IF(a>1,t&"s",t)',
        '(if a > 1 then t & "s" else t)',
        "a text chosen by IF",
    ),
    Case(lambda a, b: join(fixed(a + b, 0), "!"), 'FIXED(a+b,0)&"!"', '(a + b) & "!"', "a sum as text"),
    Case(lambda a: np.float64(2) * a * 1.0, "2*a*1", "2 × a × 1", "0, 1 and 2 may come as any float"),
]


@pytest.mark.parametrize("case", TRAPS, ids=lambda case: case.excel)
def test_traps_between_python_and_excel_are_spelled_out(case: Case) -> None:
    tree = trace_function(case.formula)
    assert (excel(tree, PLAIN), words(tree)) == (case.excel, case.words), case.why


def test_a_quantity_is_named_as_the_sheet_says_one_cell_or_the_whole() -> None:
    sheet = Naming(one=lambda name: f"{name}!$B$2", whole=lambda name: f"{name}!$B$2:$B$9")
    tree = trace_function(lambda table, place, x: pick(table, place) + x)
    assert cell_formula(tree, sheet) == "=INDEX(table!$B$2:$B$9,place!$B$2)+x!$B$2"


def test_what_has_no_row_is_refused_and_the_message_says_where_to_add_one() -> None:
    with pytest.raises(FormulaError, match=r"floor has no spelling.*add a line to core/spell\.py"):
        excel(trace_function(lambda a: np.floor(a)), PLAIN)


def test_a_text_longer_than_excel_takes_in_a_formula_is_refused() -> None:
    """Excel reports a corrupt file for a text constant of more than 255 characters."""
    with pytest.raises(FormulaError):
        excel(trace_function(lambda a: join("x" * 256, a)), PLAIN)


# --- Random formulas: numpy = two engines ---------------------------------------------------------------

TREES = 1_200
SCENARIOS: list[dict[str, float]] = [
    {"a": 0.37, "b": 1.9, "c": 2.6, "d": 7.3, "e": 3.0, "n": -1.45, "k": 1, "slack": 1e-9},
    {"a": 0.81, "b": 0.22, "c": 5.5, "d": 2.25, "e": 4.0, "n": -0.62, "k": 2, "slack": 1e-9},
    {"a": 1.0, "b": 3.7, "c": 0.45, "d": 11.2, "e": 2.0, "n": -3.3, "k": 3, "slack": 1e-9},
]
"""Columns of the sheet, a row for each input; k is a code of 1, 2 or 3."""
INPUTS = [name for name in SCENARIOS[0] if name not in ("k", "slack")]
UNARY = [op for op in ROWS if isinstance(op, np.ufunc) and op.nin == 1 and op is not np.logical_not]
Recipe = Any
"""An operation with its arguments as a tuple, the name of an input, a text, or one of 0, 1, 2."""


@cache
def numbers(depth: int) -> st.SearchStrategy[Recipe]:
    """Formulas that give a number, at most so deep."""
    leaf = st.sampled_from(INPUTS)
    if depth == 0:
        return leaf
    below, literal = numbers(depth - 1), st.sampled_from([1, 2, 0])
    binary = st.sampled_from([np.add, np.subtract, np.multiply, np.divide, np.power])
    unary = st.sampled_from(UNARY)
    return st.one_of(
        leaf,
        st.tuples(binary, below, below),
        st.tuples(binary, below, literal),
        st.tuples(binary, literal, below),
        st.tuples(unary, below),
        st.tuples(st.sampled_from([np.minimum, np.maximum]), below, st.one_of(below, literal)),
        st.tuples(st.just(np.where), truths(depth - 1), below, st.one_of(below, literal)),
        st.tuples(st.just(choose), st.just("k"), below, below, literal),
        st.tuples(st.sampled_from([ceil_whole, floor_whole]), below, st.just("slack")),
    )


@cache
def truths(depth: int) -> st.SearchStrategy[Recipe]:
    """Formulas that give a truth value."""
    below = numbers(max(depth - 1, 0))
    compared = st.tuples(st.sampled_from([np.less, np.less_equal, np.greater, np.greater_equal]), below, below)
    limited = st.tuples(st.just(at_most), below, below, st.just("slack"))
    if depth <= 1:
        return st.one_of(compared, limited)
    inner = truths(depth - 1)
    both = st.tuples(st.sampled_from([np.logical_and, np.logical_or]), inner, inner)
    return st.one_of(compared, limited, both, st.tuples(st.just(np.logical_not), inner))


def texts(depth: int) -> st.SearchStrategy[Recipe]:
    """Formulas that give a text: only the root is one."""
    piece = st.tuples(st.just(fixed), numbers(depth), st.sampled_from([0, 1, 2]))
    word = st.sampled_from([" USD", 'say "', "", " and "])
    joined = st.tuples(st.just(join), piece, word, piece)
    return st.one_of(joined, st.tuples(st.just(np.where), truths(depth), joined, st.just("none")))


class Undecided(ArithmeticError):
    """Two right computations may differ here: nothing to compare."""


def run(recipe: Recipe, inputs: dict[str, Any]) -> Any:
    """The recipe as a plain numpy formula, on symbols or on numbers."""
    if not isinstance(recipe, tuple):
        return inputs.get(recipe, recipe)
    op, *parts = recipe
    args = [run(part, inputs) for part in parts]
    result = op(*args)
    if not isinstance(result, Expr):
        _check_decided(op, args, result)
    return result


def _check_decided(op: Callable[..., Any], args: list[Any], result: Any) -> None:
    """Stop where the last digits decide, where a sum cancels, and at absurd sizes."""
    if op in (np.less, np.less_equal, np.greater, np.greater_equal, at_most):
        _stop_if(abs(args[0] - args[1]) < 1e-6 * (1 + abs(args[0])) and args[0] != args[1])
    elif op is fixed:
        scaled = abs(args[0]) * 10 ** args[1]
        _stop_if(abs(scaled % 1 - 0.5) < 1e-6 or (args[0] < 0 and scaled < 0.5))  # IronCalc: "-0"
    elif np.asarray(result).dtype.kind == "f":
        _stop_if(not (result == 0 or 1e-3 < abs(result) < 1e6))
        _stop_if(op in (np.add, np.subtract) and abs(result) < 1e-3 * abs(args[0]))
        _stop_if(op is ceil_whole and abs((args[0] - args[1]) % 1 - 0.5) > 0.5 - 1e-10)
        _stop_if(op is floor_whole and abs((args[0] + args[1]) % 1 - 0.5) > 0.5 - 1e-10)
        _stop_if(op is np.power and args[0] <= 0 and args[1] not in (1, 2))  # 0^0 is an error in Excel


def _stop_if(undecided: Any) -> None:
    if undecided:
        raise Undecided


def drawn(recipes: st.SearchStrategy[Recipe], count: int) -> list[Recipe]:
    """Hypothesis's examples, the same on every run."""
    found: dict[Recipe, None] = {}

    @settings(max_examples=count, derandomize=True, database=None, deadline=None, suppress_health_check=[*HealthCheck])
    @given(recipes)
    def collect(recipe: Recipe) -> None:
        found[recipe] = None

    collect()
    return list(found)


@dataclass(frozen=True)
class Batch:
    """A workbook of random formulas: what is in each cell, and what numpy makes of it."""

    path: Path
    formulas: dict[str, str]
    expected: dict[str, Value]


@pytest.fixture(scope="module")
def random_book(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Every drawn formula once for each scenario in which its value is beyond doubt."""
    recipes = drawn(st.one_of(numbers(6), numbers(4), texts(3), truths(4)), TREES)
    formulas: dict[str, str] = {}
    expected: dict[str, Value] = {}
    for number, recipe in enumerate(recipes, 1):
        tree = run(recipe, {name: Ref(name) for name in SCENARIOS[0]})
        for column, inputs in zip("ABC", SCENARIOS, strict=True):
            rows = {name: f"Inputs!${column}${row}" for row, name in enumerate(inputs, 1)}
            at, naming = f"{column}{number}", Naming(one=rows.__getitem__, whole=rows.__getitem__)
            with contextlib.suppress(Undecided), np.errstate(all="ignore"):
                expected[at] = np.asarray(run(recipe, {n: np.float64(v) for n, v in inputs.items()})).item()
                formulas[at] = cell_formula(tree, naming)
    path = tmp_path_factory.mktemp("random") / "random.xlsx"
    _write(path, formulas)
    return Batch(path, formulas, expected)


def _write(path: Path, formulas: dict[str, str]) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Inputs")
        for column, inputs in enumerate(SCENARIOS):
            sheet.write_column(0, column, list(inputs.values()))
        sheet = book.add_worksheet("Formulas")
        for at, formula in formulas.items():
            sheet.write_formula(at, formula, None, "not recalculated")


def differences(batch: Batch, found: dict[engines.Cell, Value], leave_out: set[str]) -> list[str]:
    """Formulas whose value differs from numpy's, the shortest first."""
    wrong = [
        f"{formula} gives {found['Formulas', at]!r}, numpy {batch.expected[at]!r}"
        for at, formula in batch.formulas.items()
        if at not in leave_out and not same_value(batch.expected[at], found["Formulas", at], rel_tol=1e-9)
    ]
    return sorted(wrong, key=len)


def test_random_formulas_are_many_and_use_every_scalar_operation(random_book: Batch) -> None:
    assert len(random_book.formulas) > TREES
    text = "".join(random_book.formulas.values())
    others = [op for op, row in SPELLINGS.items() if row.ranges or row.until or op in (or_else, differs)]
    names = {ROWS[op].excel.partition("(")[0] + "(" for op in ROWS if op not in others and "(" in ROWS[op].excel}
    assert [name for name in names if name not in text] == []


def test_random_formulas_give_numpys_values_in_cellrune(random_book: Batch) -> None:
    found = engines.recalculate_cellrune(random_book.path)
    assert differences(random_book, found, set())[:5] == []


def test_random_formulas_give_numpys_values_in_ironcalc(random_book: Batch) -> None:
    misread = {at for _, at in engines.ironcalc_misreads(random_book.path)}
    assert len(misread) < 0.2 * len(random_book.formulas)
    found = engines.recalculate_ironcalc(random_book.path)
    assert differences(random_book, found, misread)[:5] == []
