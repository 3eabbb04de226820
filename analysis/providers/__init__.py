"""Providers: those who continue a transcript. One file each; the table names them without importing them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from analysis.errors import CallerError

if TYPE_CHECKING:
    from analysis.providers.provider import Provider

PROVIDERS: dict[str, str] = {
    "anthropic": "analysis.providers.anthropic:AnthropicProvider",
    "offline": "analysis.providers.offline:OfflineProvider",
    "replay": "analysis.providers.replay:ReplayProvider",
}


def provider_class(name: str) -> type[Provider]:
    """The class behind a name in PROVIDERS, imported now. CallerError `unknown_provider` names what there is."""
    if name not in PROVIDERS:
        raise CallerError("unknown_provider", f"There is no provider {name!r}; use {', '.join(sorted(PROVIDERS))}.")
    module, _, attribute = PROVIDERS[name].partition(":")
    found: type[Provider] = getattr(importlib.import_module(module), attribute)
    return found
