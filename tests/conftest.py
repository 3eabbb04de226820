"""How properties are searched: without a deadline, because a machine may be busy; always the same examples where CI is set."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("searching", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "searching")
