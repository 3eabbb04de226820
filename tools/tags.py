"""The tags that filers give to lines of accounts, and the standard concept of each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

TAGS: Mapping[str, str] = {
    "revenue": "Revenues RevenueFromContractWithCustomerExcludingAssessedTax RevenuesNetOfInterestExpense SalesRevenueNet Revenue",
    "cost of sales": "CostOfRevenue CostOfGoodsAndServicesSold CostOfGoodsSold CostOfSales",
    "gross profit": "GrossProfit",
    "operating expenses": "OperatingExpenses CostsAndExpenses",
    "selling and administrative expenses": "SellingGeneralAndAdministrativeExpense GeneralAndAdministrativeExpense",
    "marketing": "SellingAndMarketingExpense MarketingExpense",
    "research and development": "ResearchAndDevelopmentExpense",
    "operating profit": "OperatingIncomeLoss ProfitLossFromOperatingActivities",
    "finance costs": "InterestExpense InterestExpenseNonoperating FinanceCosts",
    "finance income": "InvestmentIncomeInterest FinanceIncome",
    "profit before tax": (
        "IncomeLossFromContinuingOperationsBeforeIncomeTaxesExtraordinaryItemsNoncontrollingInterest ProfitLossBeforeTax "
        "IncomeLossFromContinuingOperationsBeforeIncomeTaxesMinorityInterestAndIncomeLossFromEquityMethodInvestments"
    ),
    "tax": "IncomeTaxExpenseBenefit IncomeTaxExpenseContinuingOperations",
    "net income": "NetIncomeLoss ProfitLoss NetIncomeLossAvailableToCommonStockholdersBasic",
    "earnings per share": "EarningsPerShareBasic BasicEarningsLossPerShare EarningsPerShareBasicAndDiluted",
    "diluted earnings per share": "EarningsPerShareDiluted DilutedEarningsLossPerShare",
    "net interest income": "InterestIncomeExpenseNet",
    "noninterest income": "NoninterestIncome",
    "noninterest expense": "NoninterestExpense",
    "comprehensive income": (
        "ComprehensiveIncomeNetOfTax ComprehensiveIncomeNetOfTaxIncludingPortionAttributableToNoncontrollingInterest"
    ),
    "other comprehensive income": "OtherComprehensiveIncomeLossNetOfTax",
    "cash": "CashAndCashEquivalentsAtCarryingValue CashAndCashEquivalents",
    "receivables": "AccountsReceivableNetCurrent ReceivablesNetCurrent TradeAndOtherCurrentReceivables",
    "inventories": "InventoryNet Inventories",
    "current assets": "AssetsCurrent CurrentAssets",
    "property": "PropertyPlantAndEquipmentNet PropertyPlantAndEquipment",
    "goodwill": "Goodwill",
    "non-current assets": "AssetsNoncurrent NoncurrentAssets",
    "total assets": "Assets",
    "payables": "AccountsPayableCurrent TradeAndOtherCurrentPayables",
    "current liabilities": "LiabilitiesCurrent CurrentLiabilities",
    "non-current liabilities": "LiabilitiesNoncurrent NoncurrentLiabilities",
    "total liabilities": "Liabilities",
    "equity": "StockholdersEquity StockholdersEquityIncludingPortionAttributableToNoncontrollingInterest Equity",
    "retained earnings": "RetainedEarningsAccumulatedDeficit RetainedEarnings",
    "total liabilities and equity": "LiabilitiesAndStockholdersEquity EquityAndLiabilities",
    "deposits": "Deposits",
    "operating cash flow": "NetCashProvidedByUsedInOperatingActivities CashFlowsFromUsedInOperatingActivities",
    "investing cash flow": "NetCashProvidedByUsedInInvestingActivities CashFlowsFromUsedInInvestingActivities",
    "financing cash flow": "NetCashProvidedByUsedInFinancingActivities CashFlowsFromUsedInFinancingActivities",
    "capital expenditure": "PaymentsToAcquirePropertyPlantAndEquipment PaymentsToAcquireProductiveAssets",
    "depreciation": "DepreciationDepletionAndAmortization DepreciationAmortizationAndAccretionNet",
}
"""The tags of US GAAP and IFRS, without their prefix, that filers give to lines of each concept."""


@cache
def _by_tag() -> Mapping[str, str]:
    return {tag: concept for concept, tags in TAGS.items() for tag in tags.split()}


def tagged(tag: str) -> str:
    """The concept of a tag (`us-gaap:Revenues`), or `` where it is none of the standard ones."""
    return _by_tag().get(tag.rpartition(":")[2], "")
