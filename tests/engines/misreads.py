"""A guard for IronCalc: formulas that its reader changes."""

from __future__ import annotations

import re
from itertools import zip_longest

from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token

from engines.files import Cell, PathLike, formulas_of
from engines.in_process import IroncalcBook

_BINDING = {"=": 1, "<>": 1, "<": 1, ">": 1, "<=": 1, ">=": 1, "&": 2, "+": 3, "-": 3, "*": 4, "/": 4, "^": 5}
_SIGN = 6
"""In a spreadsheet a sign binds tighter than a power: -2^2 is 4."""


def ironcalc_misreads(path: PathLike) -> dict[Cell, tuple[str, str]]:
    """The formulas that IronCalc 0.9.1 groups otherwise than written, each with what it read instead.

    Its xlsx reader computes another formula than the file has in two cases:

    * It drops parentheses after a sign, around comparisons and `&`, and before `%`: `-(A1^2*B1)` becomes
      `-A1^2*B1`, `2/-(A1*B1)` becomes `2/-A1*B1`, and `"x"&(A1>B1)` becomes `("x"&A1)>B1`. Write `0-(...)` or
      `-1*(...)`, and join a text chosen by IF.
    * It takes one cell (`@`) of a range given to a function of one value within SUMPRODUCT, like
      `SUMPRODUCT(LN(A1:A9))`. Compute the function in cells of its own.

    Changes without effect on the value, like `-(A1*B1)` to `-A1*B1` or `a+(b+c)` to `a+b+c`, are listed too.
    """
    book = IroncalcBook(path)
    read = {cell: (text, book.formula(*cell) or "") for cell, text in formulas_of(path).items()}
    return {cell: texts for cell, texts in read.items() if not _same_grouping(*texts)}


def _same_grouping(written: str, read: str) -> bool:
    return all(_same_part(*pair) for pair in zip_longest(_grouped(written), _grouped(read), fillvalue=""))


def _same_part(written: str, read: str) -> bool:
    """Equal, or one number written in two ways, or a reference to a table and its range."""
    if _is_number(written) and _is_number(read):
        return float(written) == float(read)
    return written == read or ("[" in written and "$" in read)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[0-9.]+(E[+-]?[0-9]+)?", text) is not None


def _grouped(formula: str) -> list[str]:
    """The formula in prefix form (operator, then operands), which shows how its parts belong together."""
    tokens = [token for token in Tokenizer(formula).items if token.value.strip()]
    return _term(tokens[::-1], 0)


def _term(tokens: list[Token], binding: int) -> list[str]:
    """One expression off the end of the reversed tokens, up to an operator that binds looser."""
    left = _operand(tokens)
    while tokens and tokens[-1].type in (Token.OP_IN, Token.OP_POST):
        if tokens[-1].type == Token.OP_POST:
            left = [tokens.pop().value, *left]
            continue
        strength = _BINDING.get(tokens[-1].value, _SIGN + 1)
        if strength <= binding:
            break
        left = [tokens.pop().value, *left, *_term(tokens, strength)]
    return left


def _operand(tokens: list[Token]) -> list[str]:
    """A sign and its operand, a parenthesis, a function with its arguments, or a constant or reference."""
    token = tokens.pop()
    if token.type == Token.OP_PRE:
        sign = ["sign"] if token.value == "-" else []
        return sign + _term(tokens, _SIGN)
    if token.subtype != Token.OPEN:
        return [token.value.upper().replace("'", "")]
    parts = [] if token.type == Token.PAREN else [token.value.upper().lstrip("@").removeprefix("_XLFN.")]
    while tokens[-1].subtype != Token.CLOSE:
        parts += [tokens.pop().value] if tokens[-1].type == Token.SEP else _term(tokens, 0)
    close = tokens.pop()
    return parts if close.type == Token.PAREN else [*parts, close.value]
