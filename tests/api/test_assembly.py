"""Who answers when nobody chose, and what a provider says that cannot be made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analysis.errors import UpstreamError
from analysis.providers import PROVIDERS
from api.assembly import default_provider, provider_makers
from api.settings import Settings

RECORDING = Path(__file__).resolve().parents[2] / "fixtures/streams/anthropic/text.sse"


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({}, "offline"),
        ({"anthropic_api_key": "sk-x"}, "anthropic"),
        ({"replay_file": RECORDING}, "replay"),
        ({"replay_file": RECORDING, "anthropic_api_key": "sk-x"}, "replay"),
        ({"provider": "offline", "anthropic_api_key": "sk-x"}, "offline"),
        ({"provider": "anthropic"}, "anthropic"),
    ],
)
def test_the_one_that_is_set_answers_else_the_one_there_is_something_for(settings: dict[str, Any], name: str) -> None:
    assert default_provider(Settings(**settings)) == name


def test_every_provider_can_be_made_from_its_settings() -> None:
    makers = provider_makers(Settings(anthropic_api_key="sk-x", replay_file=RECORDING, model="m-1"))
    assert makers.keys() == PROVIDERS.keys()
    assert {name: make().name for name, make in makers.items()} == {name: name for name in PROVIDERS}
    assert makers["anthropic"]().default_model() == "m-1"


@pytest.mark.parametrize(("name", "code"), [("anthropic", "no_key"), ("replay", "no_recording")])
def test_a_provider_without_its_settings_says_which(name: str, code: str) -> None:
    with pytest.raises(UpstreamError) as refusal:
        provider_makers(Settings())[name]()
    assert refusal.value.code == code
