"""Times: the years a question names, and which cells of a line they mean."""

from __future__ import annotations

import re

from analysis.offline.periods import PeriodWish
from analysis.offline.reckoning.board import Board, Cell, Line, years_said

_DIFFERENCE = re.compile(r"\bdifference\b", re.IGNORECASE)
_SPAN = re.compile(
    r"(?:19|20)\d\d\s?(?:-|–|to|through|until)\s?(?:the )?(?:year |fiscal )?(?:19|20)?\d\d", re.IGNORECASE
)
_EACH = re.compile(r"\brespective(?:ly)?\b", re.IGNORECASE)
_YEAR_AVERAGE = re.compile(r"\b(?:19|20)\d\d average\b|\baverage balance\b", re.IGNORECASE)  # of opening and closing
_WHOLE = re.compile(
    r"\b(?:(?:three|four|five|six|seven|ten|\d+)[ -]years?\b|cumulative|over the (?:whole |entire )?period|total return)",
    re.I,
)


class Times:
    """The years a question names, tied to those the board has."""

    def __init__(self, text: str, wish: PeriodWish, board: Board) -> None:
        self.wish = wish
        said = years_said(text)
        here = [year for year in said if year in board.years]
        self.said = tuple(here or said)
        self.span = wish.mode == "span" or bool(_SPAN.search(text))
        self.opening = bool(_YEAR_AVERAGE.search(text))
        self.whole = bool(_WHOLE.search(text))
        if self.span and len(self.said) == 2 and _EACH.search(text):  # "for 2019 to 2017 respectively"
            first, last = self.said
            step = 1 if last > first else -1
            self.said, self.span = tuple(range(first, last + step, step)), False
        self.in_order = bool(_DIFFERENCE.search(text))
        self.certainty = 0.5 if board.years and len(here) < len(said) else 1.0

    def one(self, line: Line) -> tuple[Cell | None, float]:
        """The cell of a line that a question for one figure means."""
        if self.said:
            for year in reversed(self.said) if self.span else self.said:
                cell = line.at(year)
                if cell:
                    return cell, 1.0
            return (line.cells[0], 0.5) if len(line.cells) == 1 else (None, 0.0)
        if len(line.cells) == 1:
            return line.cells[0], 0.95
        if line.years:
            latest = line.at(line.years[-1])
            return (latest, 0.7) if latest else (None, 0.0)
        return None, 0.0

    def pair(self, line: Line) -> tuple[Cell, Cell, float] | None:
        """The later and the earlier cell that a change is between."""
        years = line.years
        if len(self.said) >= 2:
            first, last = (self.said[0], self.said[1]) if self.in_order else (max(self.said), min(self.said))
            later, earlier = line.at(first), line.at(last)
            return (later, earlier, 1.0) if later and earlier else None
        if self.whole and len(years) >= 2:
            ordered = sorted((cell for cell in line.cells if cell.year), key=lambda cell: cell.year or 0)
            return ordered[-1], ordered[0], 0.85
        if len(self.said) == 1:
            year = self.said[0]
            later, earlier = line.at(year), line.at(year - 1)
            if self.wish.mode == "since" and years and years[-1] != year:
                later, earlier = line.at(years[-1]), line.at(year)
                return (later, earlier, 0.8) if later and earlier else None
            return (later, earlier, 0.85) if later and earlier else None
        if len(years) >= 2:
            later, earlier = line.at(years[-1]), line.at(years[-2])
            return (later, earlier, 0.9 if len(years) == 2 else 0.5) if later and earlier else None
        return None

    def ends(self, line: Line) -> tuple[Cell, Cell] | None:
        """The last and the first cell of the time that was asked for, or of all there is; more than a year apart."""
        years = [year for year in line.years if not self.said or min(self.said) <= year <= max(self.said)]
        if len(self.said) == 1:
            years = [year for year in line.years if year >= self.said[0]]
        if len(years) < 2 or years[-1] - years[0] < 2:
            return None
        last, first = line.at(years[-1]), line.at(years[0])
        return (last, first) if last and first else None

    def several(self, line: Line) -> tuple[list[Cell], float]:
        """The cells an average or a sum runs over."""
        years = line.years
        if self.span and len(self.said) == 2:
            wanted = range(min(self.said), max(self.said) + 1)
            return [cell for year in wanted if (cell := line.at(year))], 1.0
        if len(self.said) >= 2:
            found = [cell for year in self.said if (cell := line.at(year))]
            return (found, 1.0) if len(found) == len(self.said) else ([], 0.0)
        if len(self.said) == 1:
            both = [line.at(self.said[0] - 1), line.at(self.said[0])] if self.opening else []
            return ([cell for cell in both if cell], 0.9) if all(both) else ([], 0.0)
        if years:
            return (list(line.cells), 0.8) if len(years) == len(line.cells) else ([], 0.0)
        return list(line.cells), 0.5
