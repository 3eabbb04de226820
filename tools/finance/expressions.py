"""Expressions: the text of a calculation as a small tree of its own, after everything that is no arithmetic was refused.

Python's grammar is borrowed, nothing is ever run: the tree is walked node by node against a list of what is accepted,
and copied into `Node`. Limits on length, depth and size come before anything is computed.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from tools.finance.words import for_model
from tools.refusals import ToolError

MOST_CHARS, MOST_NODES, MOST_DEPTH, MOST_DIGITS = 1_000, 400, 40, 30
LONGEST_RANGE = 300
ACCEPTED = "numbers, names of operands, + - * / **, comparisons, parentheses and the functions of this tool"
_OPERATORS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<",
    ast.LtE: "<=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
_RANGE = re.compile(r"\b[vV](\d{1,9})\s*\.\.\s*[vV](\d{1,9})\b")
_REFERENCE = re.compile(r"\[\[\s*([vV]\d{1,9})\s*(?:\|[^\[\]\n]{0,24})?\]\]")
_PERCENT = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s?%(?=\s*(?:[-+*/),<>=!]|$))")
_GROUPED = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?!\w)")  # 1,250 would be two figures
_DECIMAL = re.compile(r"(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d{1,3})?")
_SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-", "–": "-", "^": "^"})


@dataclass(frozen=True, slots=True)
class Node:
    """One node: `kind` is `number` (with `amount`), `name`, `call`, `+`, `-`, ..., or `negative`; `parts` are below it."""

    kind: str
    text: str = ""
    amount: Decimal = Decimal(0)
    parts: tuple[Node, ...] = ()


def parse(expression: str) -> Node:
    """The tree of an expression. Refuses with ToolError `bad_expression`, naming what would be accepted."""
    if len(expression) > MOST_CHARS:
        raise _refused(f"the expression has {len(expression):,} characters; up to {MOST_CHARS:,} can be read")
    text = _RANGE.sub(_spelled, " ".join(expression.translate(_SIGNS).split()))
    text = _PERCENT.sub(r"(\1/100)", _REFERENCE.sub(r"\1", text))
    if "^" in text:
        raise _refused("a power is written with **, not ^")
    if "#" in text:
        raise _refused(f"# cannot stand in an expression; write {ACCEPTED}")
    if grouped := _GROUPED.search(text):
        number = grouped[0].replace(",", "")
        count = grouped[0].count(",") + 1
        raise _refused(f"{grouped[0]} would be read as {count} figures; write {number}, or a space after each comma")
    try:
        with warnings.catch_warnings(action="ignore"):  # `1if` is warned about before it is refused
            tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _refused(f"{for_model(expression, 80)!r} is not an expression; write {ACCEPTED}") from None
    return _Copy(text).node(tree, 0)


def _spelled(found: re.Match[str]) -> str:
    first, last = int(found[1]), int(found[2])
    if not first <= last < first + LONGEST_RANGE:
        raise _refused(f"{found[0]} is not a range of up to {LONGEST_RANGE:,} values; write the lower id first")
    return ", ".join(f"v{number}" for number in range(first, last + 1))


def _refused(words: str) -> ToolError:
    return ToolError("bad_expression", words)


class _Copy:
    """Copies a syntax tree, counting. Numbers are read from the text: a float in between would round them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.count = 0

    def node(self, tree: ast.AST, depth: int) -> Node:
        self.count += 1
        if self.count > MOST_NODES or depth > MOST_DEPTH:
            raise _refused(f"the expression is too large; up to {MOST_NODES} parts, {MOST_DEPTH} deep, can be read")
        copy = _KINDS.get(type(tree))
        if copy is None:
            raise _refused(f"{_NOUNS.get(type(tree), 'this')} cannot stand in an expression; write {ACCEPTED}")
        return copy(self, tree, depth + 1)

    def constant(self, tree: ast.Constant, depth: int) -> Node:
        if isinstance(tree.value, bool) or not isinstance(tree.value, int | float):
            raise _refused(f"only numbers and names of operands can stand in an expression; write {ACCEPTED}")
        written = ast.get_source_segment(self.text, tree) or ""
        if not _DECIMAL.fullmatch(written):
            raise _refused(f"{for_model(written, 40)!r} is not a decimal number; write 1250000 or 0.08")
        amount = Decimal(written)
        if len(amount.as_tuple().digits) > MOST_DIGITS or abs(amount.adjusted()) > MOST_DIGITS:
            raise _refused(f"a number in the expression has more than {MOST_DIGITS} digits")
        return Node("number", amount=amount)

    def name(self, tree: ast.Name, depth: int) -> Node:
        return Node("name", tree.id)

    def unary(self, tree: ast.UnaryOp, depth: int) -> Node:
        if isinstance(tree.op, ast.UAdd):
            return self.node(tree.operand, depth)
        if not isinstance(tree.op, ast.USub):
            raise _refused(f"only + and - can stand before a number; write {ACCEPTED}")
        return Node("negative", parts=(self.node(tree.operand, depth),))

    def binary(self, tree: ast.BinOp, depth: int) -> Node:
        sign = _OPERATORS.get(type(tree.op))
        if sign is None:
            raise _refused(f"this operator is not offered; write {ACCEPTED}")
        return Node(sign, parts=(self.node(tree.left, depth), self.node(tree.right, depth)))

    def comparison(self, tree: ast.Compare, depth: int) -> Node:
        sign = _OPERATORS.get(type(tree.ops[0])) if len(tree.ops) == 1 else None
        if sign is None:
            raise _refused("compare two figures with one of > >= < <= == !=")
        return Node(sign, parts=(self.node(tree.left, depth), self.node(tree.comparators[0], depth)))

    def call(self, tree: ast.Call, depth: int) -> Node:
        if not isinstance(tree.func, ast.Name) or tree.keywords:
            raise _refused("a function is called by its name with figures in parentheses")
        return Node("call", tree.func.id, parts=tuple(self.node(part, depth) for part in tree.args))


_KINDS: dict[type, Callable[..., Node]] = {
    ast.Constant: _Copy.constant, ast.Name: _Copy.name, ast.UnaryOp: _Copy.unary, ast.BinOp: _Copy.binary,
    ast.Compare: _Copy.comparison, ast.Call: _Copy.call,
}  # fmt: skip
_NOUNS: dict[type, str] = {
    ast.Attribute: "a dotted name", ast.Subscript: "an index", ast.Lambda: "a lambda", ast.ListComp: "a comprehension",
    ast.List: "a list", ast.Tuple: "a list without a function like sum", ast.Dict: "a mapping", ast.BoolOp: "and / or",
    ast.IfExp: "if / else", ast.JoinedStr: "a string", ast.Starred: "a star", ast.NamedExpr: "an assignment",
}  # fmt: skip
