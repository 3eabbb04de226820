"""Where the installed plotly keeps its plotly.js. It is found without importing plotly, which takes a while."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def plotly_script() -> Path | None:
    """plotly.min.js of the installed plotly package; None where there is none."""
    spec = find_spec("plotly")
    script = Path(spec.origin).parent / "package_data" / "plotly.min.js" if spec and spec.origin else None
    return script if script and script.is_file() else None
