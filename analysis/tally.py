"""How many figures an answer shows, by state. A value counts once, however often it is shown; constants do not count."""

from __future__ import annotations

_COUNTED = ("tied", "computed", "given", "open", "differs")


class Tally:
    """Distinct figures of one message: by value where they have one, else one by one."""

    def __init__(self) -> None:
        self._named: dict[str, str] = {}
        self._nameless = dict.fromkeys(_COUNTED, 0)

    def count(self, state: str, value_id: str | None) -> None:
        """One figure was shown."""
        if state not in self._nameless:
            return
        if value_id:
            self._named[value_id] = state
        else:
            self._nameless[state] += 1

    def counts(self) -> dict[str, int]:
        """The `figures` of message_complete."""
        states = list(self._named.values())
        return {state: states.count(state) + self._nameless[state] for state in _COUNTED}
