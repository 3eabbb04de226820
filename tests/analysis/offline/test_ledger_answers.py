"""Questions to tables of records, answered through the real tools and checked against pandas over the same file."""

from __future__ import annotations

import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

SAMPLE = Path(__file__).parents[3] / "fixtures" / "samples" / "northwind_sales.csv"
CORPUS = Path(os.environ.get("TICKMARK_CORPUS", Path(__file__).parents[3].parent / "shared" / "data")) / "csv"


def corpus(name: str) -> Path:
    path = CORPUS / name
    if not path.exists():
        pytest.skip(f"{name} is missing; set TICKMARK_CORPUS to the folder that holds csv/{name}")
    return path


def near(found: Decimal, wanted: float) -> bool:
    return abs(float(found) - wanted) <= 1e-6 * max(1.0, abs(wanted))


def test_the_leader_of_a_ranking_and_its_share_agree_with_the_file(sales: Any) -> None:
    said = sales.ask("Which region sells most? Chart it.")
    totals = pd.read_csv(SAMPLE).groupby("Region")["Revenue (GBP)"].sum().sort_values(ascending=False)
    leader, share = said.cited[0], said.cited[1]
    assert f"*{totals.index[0]}* leads" in said.shown
    assert near(leader.amount, totals.iloc[0])
    assert near(share.amount, totals.iloc[0] / totals.sum())
    assert [row[0] for row in said.tables[0]["rows"]] == list(totals.index)
    assert said.charts[0]["kind"] == "bar"
    assert said.metrics[0]["label"].startswith(totals.index[0])


@pytest.mark.parametrize(
    ("question", "sentences"),
    [
        (
            "what's in here?",
            ["is a table of 240 records, from 2024-01-07 to 2024-12-28. *Revenue (GBP)* adds up to £61.9m."],
        ),
        ("How did revenue develop? Chart it.", ["Revenue rose from £4.3m in January 2024 to £5.9m in December 2024"]),
        ("which month was best?", ["was highest in November 2024, at £5.9m, and lowest in February 2024, at £4.1m."]),
        ("average unit price by channel", ["*Retail* has the highest average *Unit price*, £87."]),
        ("units sold per product line", ["*Kitchen* leads: total *Quantity* is 387,910, 36.6% of the whole."]),
        ("revenue in Q3 2024 by channel", ["in Q3 2024", "*Retail* leads: total *Revenue* is £6.8m"]),
        ("share of online in revenue", ["*Online* makes up 36.6% of total *Revenue*: £22.6m, number two of three."]),
        ("revenue by quarter for London and Scotland", ["- London rose from £3.8m in 2024 Q1 to £4.8m in 2024 Q4."]),
        ("How many regions are there?", ["*Region* has five different values: "]),
        ("top 2 regions by revenue", ["*London* leads", "Next comes *Midlands*"]),
        ("how did London do?", ["for London", "Revenue rose from £1.3m in January 2024"]),
    ],
)
def test_answers_read_as_an_analyst_would_put_them(sales: Any, question: str, sentences: list[str]) -> None:
    said = sales.ask(question)
    for sentence in sentences:
        assert sentence in said.shown, said.shown
    assert not said.refusals


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("revenue in Paris", "called “Paris”"),
        ("revenue by salesperson", "called “salesperson”"),
        ("gross revenue", "called “gross”"),
        ("How volatile was revenue?", "called “volatile”"),
        ("what will revenue be next month?", "I do not forecast"),
        ("what is the correlation between price and quantity?", "I do not compute correlations"),
        ("the", "I could not tell which column you mean"),
    ],
)
def test_it_abstains_rather_than_answer_another_question(sales: Any, question: str, reason: str) -> None:
    said = sales.ask(question)
    assert reason in said.shown, said.shown
    assert not said.cited
    assert not said.charts


def test_suggestions_are_questions_that_it_answers(sales: Any) -> None:
    offered = sales.ask("Hello").suggestions
    assert len(offered) == 3
    for question in offered:
        said = sales.ask(question)
        assert said.cited, said.shown


def test_a_record_column_that_is_called_like_its_values_is_told_apart(desk_with: Callable[..., Any]) -> None:
    desk = desk_with(("v.csv", "Version,Sales\nv1,10\nv2,30\nv1,5\nv3,1\nv2,2\nv3,4\n"))
    said = desk.ask("Which version has the highest sales? Chart it.")
    assert "*v2* leads" in said.shown
    assert said.tables[0]["rows"][0][0] == "v2"


# -- the supermarket's thousand sales ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def market(desk_with: Callable[..., Any]) -> Any:
    return desk_with(corpus("supermarket_Sales.csv"))


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    found = pd.read_csv(corpus("supermarket_Sales.csv"))
    found["Date"] = pd.to_datetime(found["Date"], format="%m/%d/%Y")
    return found


@pytest.mark.corpus
def test_which_product_line_earns_most_agrees_with_the_file(market: Any, frame: pd.DataFrame) -> None:
    said = market.ask("Which product line earns most? Chart it.")
    earned = frame.groupby("Product line")["Gross income"].sum().sort_values(ascending=False)
    sold = frame.groupby("Product line")["Total"].sum().sort_values(ascending=False)
    assert "I read “earns” as the column *Gross income*." in said.shown
    assert f"*{earned.index[0]}* leads: total *Gross income* is 2,673.56" in said.shown
    assert near(said.cited[0].amount, earned.iloc[0])
    assert list(earned.index) == list(sold.index)
    assert "Ranked by *Total* the order is the same." in said.shown
    assert said.charts[0]["x"]["values"] == list(earned.index)
    assert said.charts[0]["series"][0]["values"] == pytest.approx(list(earned))


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("What were total sales in Yangon?", lambda f: f[f.City == "Yangon"].Total.sum()),
        ("average rating for Members", lambda f: f[f["Customer type"] == "Member"]["Customer stratification rating"].mean()),
        ("total gross income", lambda f: f["Gross income"].sum()),
        ("average unit price per branch", lambda f: f.groupby("Branch")["Unit price"].mean().max()),
        ("how many transactions per payment method", lambda f: f.Payment.value_counts().max()),
        ("top 3 cities by total", lambda f: f.groupby("City").Total.sum().max()),
        ("sales by month", lambda f: f[f.Date.dt.month == 1].Total.sum()),
        ("how many women bought fashion?", lambda f: sum((f.Gender == "Female") & f["Product line"].str.startswith("Fash"))),
        ("how many invoices over 500?", lambda f: (f.Total > 500).sum()),
        ("median total per payment", lambda f: f.groupby("Payment").Total.median().max()),
        ("sales in branch A vs branch C", lambda f: f[f.Branch == "C"].Total.sum()),
        ("What did men spend on average?", lambda f: f[f.Gender == "Male"].Total.mean()),
        ("largest transaction", lambda f: f.Total.max()),
        ("best day", lambda f: f.groupby("Date").Total.sum().max()),
        ("sum of cogs per city", lambda f: f.groupby("City")["Cost of goods sold"].sum().max()),
        ("sales of fashion by branch", lambda f: f[f["Product line"].str.contains("Fash")].groupby("Branch").Total.sum().max()),
        ("last month sales by city", lambda f: f[f.Date.dt.month == 3].groupby("City").Total.sum().max()),
        ("Which branch has the lowest rating?", lambda f: f.groupby("Branch")["Customer stratification rating"].mean().min()),
        ("percentage of transactions paid by cash", lambda f: (f.Payment == "Cash").mean()),
        ("total quantity in February 2019", lambda f: f[f.Date.dt.month == 2].Quantity.sum()),
    ],
)  # fmt: skip
def test_the_first_figure_of_an_answer_is_the_one_pandas_finds(
    market: Any, frame: pd.DataFrame, question: str, wanted: Callable[[pd.DataFrame], float]
) -> None:
    said = market.ask(question)
    assert near(said.cited[0].amount, float(wanted(frame))), said.shown
    assert not said.refusals
    assert said.tables
    assert said.metrics


@pytest.mark.corpus
def test_a_fall_is_told_from_the_month_before(market: Any, frame: pd.DataFrame) -> None:
    said = market.ask("Why did sales fall in February?")
    by_month = frame.groupby(frame.Date.dt.month).Total.sum()
    assert [near(v.amount, w) for v, w in zip(said.cited, (by_month[1], by_month[2]), strict=False)] == [True, True]
    assert near(said.cited[2].amount, by_month[2] / by_month[1] - 1)
    assert "Total fell from 116,292 in January 2019 to 97,219.37 in February 2019, 16.4% less." in said.shown
    assert "not why" in said.shown


# -- prices ----------------------------------------------------------------------------------------------------------------


@pytest.mark.corpus
def test_the_course_of_a_price_is_told_from_its_first_day_to_its_last(desk_with: Callable[..., Any]) -> None:
    path = corpus("stockdata.csv")
    prices = pd.read_csv(path).sort_values("Date").reset_index(drop=True)
    said = desk_with(path).ask("How did AAPL develop? Chart it.")
    first, last = prices.AAPL.iloc[0], prices.AAPL.iloc[-1]
    wanted = [first, last, last / first - 1, prices.AAPL.max(), prices.AAPL.min()]
    assert [near(value.amount, number) for value, number in zip(said.cited, wanted, strict=True)] == [True] * 5
    assert f"on {prices.Date[prices.AAPL.idxmax()]}" in said.shown
    assert len(said.charts[0]["x"]["values"]) == len(prices)


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("file", "question", "sentence"),
    [
        ("stockdata.csv", "Which stock grew most?", "*AAPL* grew most, +806.8%, followed by *SBUX* (+271.8%)"),
        ("stockdata.csv", "When was IBM highest?", "*IBM* was highest on 2013-03-14, at 198.95"),
        ("stockdata.csv", "average MSFT by year", "Average MSFT rose from 24.60 in 2007 to 51.63 in 2016"),
        ("stockdata.csv", "What was AAPL on 2015-03-02?", "On 2015-03-02, *AAPL* was 126.74."),
        ("stockdata.csv", "What was AAPL on 2015-03-01?", "The file has no row for that day"),
        ("stockdata.csv", "lowest GSPC in 2009", "*GSPC* was lowest on 2009-03-09, at 676.53"),
        ("2014_apple_stock.csv", "How did the stock develop?", "*AAPL_y* rose from 77.45 to 110.03, 42.1% more"),
        ("2014_apple_stock.csv", "average price per month", "Average AAPL_y rose from"),
        ("finance-charts-apple.csv", "How did the closing price develop?", "*AAPL.Close* rose from 127.83 to 135.35"),
        ("finance-charts-apple.csv", "total volume by quarter", "I left out 2015 Q1 (the file begins on 2015-02-17)"),
    ],
)
def test_prices(desk_with: Callable[..., Any], file: str, question: str, sentence: str) -> None:
    said = desk_with(corpus(file)).ask(question)
    assert sentence in said.shown, said.shown
