"""Every sum that FinQA dev and TAT-QA dev hold is one that `calculate` can do, from cells, sentences and given numbers."""

from __future__ import annotations

import pytest

from benchmarks import calculations
from benchmarks.offline_analyst import CORPUS

pytestmark = pytest.mark.corpus


def needed(name: str) -> None:
    if not (CORPUS / name).exists():
        pytest.skip(f"{name} is missing; TICKMARK_CORPUS names the folder that holds it")


def test_all_programs_of_finqa_come_to_their_answers() -> None:
    needed("finqa/finqa_dev_883.jsonl.gz")
    tally = calculations.programs()
    assert tally.wrong == []
    assert tally.total == 883
    assert tally.kinds["cell"] > 1_000
    assert tally.kinds["sentence"] > 400


def test_all_derivations_of_tatqa_come_to_their_answers() -> None:
    needed("tatqa/tatqa_dev.json.gz")
    tally = calculations.derivations()
    assert tally.total == 718
    assert tally.wrong == []
    assert tally.kinds["cell"] > 1_300
