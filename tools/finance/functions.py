"""The functions of a calculation: a literal table, each with how many figures it takes and what it makes of them.

Units follow from what the functions are made of (`quantities`). Statistics and solvers work in decimals too, so the same
call gives the same digits everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

from tools.finance.quantities import WIDE, Quantity, add, checked, compared, divide, multiply, negated, raised
from tools.refusals import ToolError

Figures = Sequence[Quantity]
_ONE = Quantity(Decimal(1))
_TOLERANCE = Decimal("1e-18")


@dataclass(frozen=True, slots=True)
class Function:
    """`least` to `most` figures (None: any number); `words` says what it gives, for the model."""

    run: Callable[[Figures], Quantity]
    least: int
    most: int | None
    words: str


def _total(figures: Figures) -> Quantity:
    return reduce(add, figures)


def _mean(figures: Figures) -> Quantity:
    return divide(_total(figures), Quantity(Decimal(len(figures))))


def _median(figures: Figures) -> Quantity:
    _total(figures)  # refuses unlike units
    ordered = sorted(figures, key=lambda each: each.amount)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else _mean(ordered[middle - 1 : middle + 1])


def _highest(figures: Figures) -> Quantity:
    return reduce(lambda one, other: one if compared(one, other) >= 0 else other, figures)


def _lowest(figures: Figures) -> Quantity:
    return reduce(lambda one, other: one if compared(one, other) <= 0 else other, figures)


def _absolute(figures: Figures) -> Quantity:
    return negated(figures[0]) if figures[0].amount < 0 else figures[0]


def _rounded(figures: Figures) -> Quantity:
    places = figures[1].amount if len(figures) > 1 else Decimal(0)
    if places != int(places) or not -15 <= places <= 15:
        raise ToolError("arguments", "round takes a number of places from -15 to 15")
    amount = WIDE.quantize(figures[0].amount, Decimal(1).scaleb(-int(places)))
    return Quantity(amount, figures[0].dimensions, figures[0].flavour)


def _root(figures: Figures) -> Quantity:
    return raised(figures[0], Quantity(Decimal("0.5")))


def _logarithm(of: Callable[[Decimal], Decimal]) -> Callable[[Figures], Quantity]:
    def run(figures: Figures) -> Quantity:
        if figures[0].dimensions or figures[0].amount <= 0:
            raise ToolError("arguments", "a logarithm is taken of a positive number without unit")
        return Quantity(checked(of(figures[0].amount)))

    return run


def _exponential(figures: Figures) -> Quantity:
    if figures[0].dimensions or abs(figures[0].amount) > 100:
        raise ToolError("arguments", "exp takes a number without unit from -100 to 100")
    return Quantity(checked(WIDE.exp(figures[0].amount)))


def _growth(figures: Figures) -> Quantity:
    """(new - old) / old. From zero or a loss, growth is no number."""
    new, old = figures
    if old.amount <= 0:
        what = "zero" if not old.amount else "a negative base"
        raise ToolError(
            "no_growth", f"growth from {what} is no number; state the change instead, with change(new, old)"
        )
    return Quantity(divide(add(new, old, -1), old).amount, {}, "ratio")


def _change(figures: Figures) -> Quantity:
    return add(figures[0], figures[1], -1)


def _cagr(figures: Figures) -> Quantity:
    """(end / start) ** (1 / years) - 1."""
    end, start, years = figures
    if start.amount <= 0 or end.amount <= 0:
        raise ToolError("no_growth", "a compound growth rate needs a start and an end above zero")
    if years.amount <= 0 or (years.dimensions and dict(years.dimensions) != {"day": 1}):
        raise ToolError("arguments", "cagr takes the end, the start and a positive number of years")
    factor = raised(Quantity(divide(end, start).amount), Quantity(WIDE.divide(Decimal(1), years.amount)))
    return Quantity(WIDE.subtract(factor.amount, Decimal(1)), {}, "ratio")


def _share(figures: Figures) -> Quantity:
    part, whole = figures
    found = divide(part, whole)
    return Quantity(found.amount, found.dimensions, "ratio")


def _deviation(figures: Figures) -> Quantity:
    """The standard deviation of a sample (n - 1)."""
    mean = _mean(figures)
    squares = reduce(WIDE.add, (WIDE.power(WIDE.subtract(each.amount, mean.amount), 2) for each in figures))
    amount = WIDE.sqrt(WIDE.divide(squares, Decimal(len(figures) - 1)))
    return Quantity(checked(amount), mean.dimensions, mean.flavour)


def _present_value(rate: Decimal, flows: Sequence[Decimal]) -> Decimal:
    value, discount = Decimal(0), WIDE.add(Decimal(1), rate)
    for flow in reversed(flows):
        value = WIDE.add(WIDE.divide(value, discount), flow)
    return value


def _rate(figure: Quantity) -> Decimal:
    if figure.dimensions or figure.amount <= -1 or figure.amount > 100:
        raise ToolError("arguments", "a rate is a plain number above -1, such as 0.08")
    return figure.amount


def _npv(figures: Figures) -> Quantity:
    """Net present value: a rate, then flows from now (not discounted) on, one a period."""
    flows = figures[1:]
    total = _total(flows)
    amount = _present_value(_rate(figures[0]), [flow.amount for flow in flows])
    return Quantity(checked(amount), total.dimensions, total.flavour)


def _irr(figures: Figures) -> Quantity:
    """The rate at which the flows, from now on, are worth nothing: by bisection between -99% and +1,000%."""
    _total(figures)
    flows = [figure.amount for figure in figures]
    low, high = Decimal("-0.99"), Decimal(10)
    at_low = _present_value(low, flows)
    if at_low * _present_value(high, flows) > 0 or not at_low:
        raise ToolError("no_solution", "these flows have no single rate of return between -99% and +1,000%")
    while high - low > _TOLERANCE:
        middle = WIDE.divide(WIDE.add(low, high), Decimal(2))
        if at_low * _present_value(middle, flows) > 0:
            low = middle
        else:
            high = middle
    return Quantity(low.quantize(Decimal("1e-15")), {}, "ratio")


def _annuity(rate: Decimal, periods: Decimal) -> Decimal:
    """What one unit a period, at its end, is worth now."""
    if not rate:
        return periods
    factor = WIDE.power(WIDE.add(Decimal(1), rate), -periods)
    return WIDE.divide(WIDE.subtract(Decimal(1), factor), rate)


def _terms(figures: Figures) -> tuple[Decimal, Decimal]:
    rate, periods = _rate(figures[0]), figures[1].amount
    if not 0 < periods <= 1_200 or figures[1].dimensions:
        raise ToolError("arguments", "the number of periods is a plain number from 1 to 1,200")
    return rate, periods


def _payment(figures: Figures) -> Quantity:
    rate, periods = _terms(figures)
    return divide(figures[2], Quantity(_annuity(rate, periods)))


def _worth_now(figures: Figures) -> Quantity:
    rate, periods = _terms(figures)
    return multiply(figures[2], Quantity(_annuity(rate, periods)))


def _worth_then(figures: Figures) -> Quantity:
    rate, periods = _terms(figures)
    return multiply(figures[2], Quantity(WIDE.power(WIDE.add(Decimal(1), rate), periods)))


def _count(figures: Figures) -> Quantity:
    return Quantity(Decimal(len(figures)))


def _product(figures: Figures) -> Quantity:
    return reduce(multiply, figures)


FUNCTIONS: dict[str, Function] = {
    "sum": Function(_total, 1, None, "the sum"),
    "average": Function(_mean, 1, None, "the arithmetic mean"),
    "mean": Function(_mean, 1, None, "the same as average"),
    "median": Function(_median, 1, None, "the middle figure"),
    "min": Function(_lowest, 1, None, "the lowest"),
    "max": Function(_highest, 1, None, "the highest"),
    "count": Function(_count, 1, None, "how many figures"),
    "product": Function(_product, 1, None, "all multiplied"),
    "stdev": Function(_deviation, 2, None, "standard deviation of a sample"),
    "abs": Function(_absolute, 1, 1, "without sign"),
    "round": Function(_rounded, 1, 2, "round(x, places)"),
    "sqrt": Function(_root, 1, 1, "square root"),
    "ln": Function(_logarithm(WIDE.ln), 1, 1, "natural logarithm"),
    "log10": Function(_logarithm(WIDE.log10), 1, 1, "decimal logarithm"),
    "exp": Function(_exponential, 1, 1, "e to the power of x"),
    "growth": Function(_growth, 2, 2, "growth(new, old) = (new - old) / old"),
    "change": Function(_change, 2, 2, "change(new, old) = new - old"),
    "cagr": Function(_cagr, 3, 3, "cagr(end, start, years)"),
    "share": Function(_share, 2, 2, "share(part, whole)"),
    "margin": Function(_share, 2, 2, "margin(profit, revenue)"),
    "npv": Function(_npv, 2, None, "npv(rate, flow now, flow after one period, ...)"),
    "irr": Function(_irr, 2, None, "irr(flow now, flow after one period, ...)"),
    "pmt": Function(_payment, 3, 3, "pmt(rate, periods, loan): payment at the end of each period"),
    "pv": Function(_worth_now, 3, 3, "pv(rate, periods, payment)"),
    "fv": Function(_worth_then, 3, 3, "fv(rate, periods, amount now)"),
}


def call(name: str, figures: Figures) -> Quantity:
    """A function applied. Refuses an unknown name with the list, and a wrong number of figures."""
    function = FUNCTIONS.get(name)
    if function is None:
        raise ToolError("unknown_function", f"there is no function {name[:40]!r}; there are {', '.join(FUNCTIONS)}")
    if len(figures) < function.least or (function.most is not None and len(figures) > function.most):
        wanted = (
            f"at least {function.least}"
            if function.most is None
            else f"{function.least}"
            if function.most == function.least
            else f"{function.least} or {function.most}"
        )
        raise ToolError("arguments", f"{name} takes {wanted} figures, not {len(figures)}: {function.words}")
    return function.run(figures)
