"""Where conversations are kept. `JOURNALS` names every implementation; one is imported only when it is chosen."""

JOURNALS: dict[str, str] = {
    "memory": "analysis.journals.memory:MemoryJournal",
    "sqlite": "analysis.journals.sqlite:SqliteJournal",
}
