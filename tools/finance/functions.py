"""The functions of a calculation: a literal table, each with how many figures it takes and what it makes of them.

Units follow from what the functions are made of (`quantities`). Statistics and solvers work in decimals too, so the same
call gives the same digits everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from itertools import pairwise

from tools.finance.quantities import WIDE, Quantity, add, checked, compared, divide, multiply, negated, raised, said
from tools.finance.words import counted
from tools.refusals import ToolError
from tools.units import rounded

Figures = Sequence[Quantity]
MOST_FLOWS = 400
_TOLERANCE = Decimal("1e-18")
_LEAST_RATE, _MOST_RATE = Decimal("-0.99"), Decimal(10)
_WIDEST = Decimal(1_100)  # (1 + most rate) / (1 + least rate): rates are looked at in even steps of the discount


@dataclass(frozen=True, slots=True)
class Function:
    """`least` to `most` figures (None: any number); `words` is how it is called, for the model."""

    run: Callable[[Figures], Quantity]
    least: int
    most: int | None
    words: str


def _total(figures: Figures) -> Quantity:
    return reduce(add, figures)


def _mean(figures: Figures) -> Quantity:
    total = _total(figures)
    return Quantity(WIDE.divide(total.amount, Decimal(len(figures))), total.dimensions, total.flavour)


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
    figure = figures[0]
    if figure.amount.adjusted() + places > 45:
        raise ToolError("out_of_range", "the figure is too large to be rounded to so many places")
    amount = rounded(figure.amount, int(places))
    return Quantity(amount, figure.dimensions, figure.flavour, figure.is_gap)


def _root(figures: Figures) -> Quantity:
    return raised(figures[0], Quantity.numeral(Decimal("0.5")))


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
    if years.amount <= 0 or years.dimensions:
        raise ToolError("arguments", f"cagr takes the end, the start and a positive number of years, not {said(years)}")
    factor = raised(Quantity(divide(end, start).amount), Quantity.numeral(WIDE.divide(Decimal(1), years.amount)))
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
    """The rate at which the flows, from now on, are worth nothing: by bisection between -99% and +1,000%.

    Flows that change sign more than once may have several such rates; where they do, none is given.
    """
    _total(figures)
    flows = [figure.amount for figure in figures]
    low, high = _LEAST_RATE, _MOST_RATE
    at_low = _present_value(low, flows)
    if not at_low or at_low * _present_value(high, flows) > 0 or _crossings(flows) > 1:
        raise ToolError("no_solution", "these flows have no single rate of return between -99% and +1,000%")
    while high - low > _TOLERANCE:
        middle = WIDE.divide(WIDE.add(low, high), Decimal(2))
        if at_low * _present_value(middle, flows) > 0:
            low = middle
        else:
            high = middle
    return Quantity(low.quantize(Decimal("1e-15")), {}, "ratio")


def _crossings(flows: Sequence[Decimal]) -> int:
    """How often the present value changes sign between the least and the most rate; looked for only where it may."""
    if _turns(flows) < 2:
        return _turns(flows)
    factors = (WIDE.power(_WIDEST, Decimal(step) / 200) for step in range(201))
    rates = (WIDE.add(_LEAST_RATE, WIDE.multiply(Decimal("0.01"), factor - 1)) for factor in factors)
    return _turns([_present_value(rate, flows) for rate in rates])


def _turns(amounts: Sequence[Decimal]) -> int:
    """How often the sign changes, zeros left out."""
    signs = [amount > 0 for amount in amounts if amount]
    return sum(one != other for one, other in pairwise(signs))


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
    return divide(figures[2], Quantity.numeral(_annuity(rate, periods)))


def _worth_now(figures: Figures) -> Quantity:
    rate, periods = _terms(figures)
    return multiply(figures[2], Quantity.numeral(_annuity(rate, periods)))


def _worth_then(figures: Figures) -> Quantity:
    rate, periods = _terms(figures)
    return multiply(figures[2], Quantity.numeral(WIDE.power(WIDE.add(Decimal(1), rate), periods)))


def _count(figures: Figures) -> Quantity:
    return Quantity.numeral(len(figures))


def _product(figures: Figures) -> Quantity:
    return reduce(multiply, figures)


FUNCTIONS: dict[str, Function] = {
    "sum": Function(_total, 1, None, "sum"),
    "average": Function(_mean, 1, None, "average"),
    "mean": Function(_mean, 1, None, "mean"),
    "median": Function(_median, 1, None, "median"),
    "min": Function(_lowest, 1, None, "min"),
    "max": Function(_highest, 1, None, "max"),
    "count": Function(_count, 1, None, "count"),
    "product": Function(_product, 1, None, "product"),
    "stdev": Function(_deviation, 2, None, "stdev"),
    "abs": Function(_absolute, 1, 1, "abs"),
    "round": Function(_rounded, 1, 2, "round(x, places)"),
    "sqrt": Function(_root, 1, 1, "sqrt"),
    "ln": Function(_logarithm(WIDE.ln), 1, 1, "ln"),
    "log10": Function(_logarithm(WIDE.log10), 1, 1, "log10"),
    "exp": Function(_exponential, 1, 1, "exp"),
    "growth": Function(_growth, 2, 2, "growth(new, old)"),
    "change": Function(_change, 2, 2, "change(new, old)"),
    "cagr": Function(_cagr, 3, 3, "cagr(end, start, years)"),
    "share": Function(_share, 2, 2, "share(part, whole)"),
    "margin": Function(_share, 2, 2, "margin(profit, revenue)"),
    "npv": Function(_npv, 2, None, "npv(rate, flow now, flow in a period, ...)"),
    "irr": Function(_irr, 2, MOST_FLOWS, "irr(flow now, flow in a period, ...)"),
    "pmt": Function(_payment, 3, 3, "pmt(rate, periods, loan)"),
    "pv": Function(_worth_now, 3, 3, "pv(rate, periods, payment)"),
    "fv": Function(_worth_then, 3, 3, "fv(rate, periods, amount now)"),
}
OFFERED = ", ".join(function.words for name, function in FUNCTIONS.items() if name != "mean")


def call(name: str, figures: Figures) -> Quantity:
    """A function applied. Refuses an unknown name with the list, and a wrong number of figures."""
    function = FUNCTIONS.get(name)
    if function is None:
        raise ToolError("unknown_function", f"there is no function {name[:40]!r}; there are {', '.join(FUNCTIONS)}")
    if len(figures) < function.least or (function.most is not None and len(figures) > function.most):
        most = function.most or function.least
        wanted = f"{function.least} to {most} figures" if most > function.least else counted(most, "figure")
        least = "at least " if function.most is None else ""
        raise ToolError(
            "arguments", f"{name} takes {least}{wanted}, not {len(figures)}; it is called as {function.words}"
        )
    return function.run(figures)
