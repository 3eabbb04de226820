"""The environment is read once; what is not understood is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.settings import NOT_YET, SETTINGS, Settings, SettingsError, default_data


def test_an_empty_environment_gives_a_service_for_this_computer_alone() -> None:
    settings = Settings.read({})
    assert (settings.host, settings.port, settings.provider, settings.synchronous) == (
        "127.0.0.1",
        8000,
        "auto",
        "full",
    )


def test_every_name_is_read_into_its_field(tmp_path: Path) -> None:
    recording = tmp_path / "r.sse"
    recording.touch()
    environ = {
        "TICKMARK_HOST": "localhost",
        "TICKMARK_PORT": "0",
        "TICKMARK_DATA": str(tmp_path),
        "TICKMARK_PROVIDER": "Offline",
        "TICKMARK_MODEL": "m-1",
        "TICKMARK_REPLAY_FILE": str(recording),
        "TICKMARK_SYNCHRONOUS": "normal",
        "TICKMARK_WORKERS": "3",
        "TICKMARK_TURN_TIMEOUT_S": "90.5",
        "TICKMARK_READ_TIMEOUT_S": "600",
        "TICKMARK_IDLE_TIMEOUT_S": "20",
        "TICKMARK_MAX_ROUNDS": "4",
        "TICKMARK_LIMIT_UPLOAD_BYTES": "1000",
        "TICKMARK_LIMIT_PAGES": "500",
        "TICKMARK_ALLOWED_ORIGINS": "https://a.example, http://b.example:8080/",
        "TICKMARK_FRAME_ANCESTORS": "https://a.example",
        "TICKMARK_LOG_LEVEL": "INFO",
        "ANTHROPIC_API_KEY": "sk-secret",
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:9/",
    }
    assert set(environ) == {setting.variable for setting in SETTINGS}
    assert Settings.read(environ) == Settings(
        host="localhost",
        port=0,
        data=tmp_path,
        provider="offline",
        model="m-1",
        replay_file=recording,
        synchronous="normal",
        workers=3,
        turn_timeout_s=90.5,
        read_timeout_s=600,
        idle_timeout_s=20,
        max_rounds=4,
        limit_upload_bytes=1000,
        limit_pages=500,
        allowed_origins=("https://a.example", "http://b.example:8080"),
        frame_ancestors="https://a.example",
        log_level="info",
        anthropic_api_key="sk-secret",
        anthropic_base_url="http://127.0.0.1:9",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TICKMARK_HOST", "0.0.0.0"),
        ("TICKMARK_HOST", "192.168.1.7"),
        ("TICKMARK_HOST", "::"),
        ("TICKMARK_HOST", "example.com"),
        ("TICKMARK_PORT", "http"),
        ("TICKMARK_PORT", "65536"),
        ("TICKMARK_PORT", "-1"),
        ("TICKMARK_PROVIDER", "gpt"),
        ("TICKMARK_SYNCHRONOUS", "off"),
        ("TICKMARK_WORKERS", "0"),
        ("TICKMARK_TURN_TIMEOUT_S", "nan"),
        ("TICKMARK_TURN_TIMEOUT_S", "inf"),
        ("TICKMARK_MAX_ROUNDS", "1.5"),
        ("TICKMARK_REPLAY_FILE", "/nowhere/at/all"),
        ("TICKMARK_ALLOWED_ORIGINS", "desk.example.com"),
        ("TICKMARK_ALLOWED_ORIGINS", "https://a.example/path"),
        ("TICKMARK_FRAME_ANCESTORS", "'none'; script-src *"),
        ("TICKMARK_LOG_LEVEL", "loud"),
        ("ANTHROPIC_BASE_URL", "localhost:8080"),
    ],
)
def test_an_ill_value_is_refused_with_its_name_and_what_it_takes(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.read({name: value})
    words = str(refusal.value)
    assert words.startswith(f"{name}={value!r} is not understood: it takes ")
    assert "\n" not in words


def test_a_misspelt_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(SettingsError, match=r"TICKMARK_PROVIDR is not a setting; did you mean TICKMARK_PROVIDER\?"):
        Settings.read({"TICKMARK_PROVIDR": "offline"})


@pytest.mark.parametrize("name", ["TICKMARK_DATABASE_URL", "TICKMARK_AUTH_SECRET", "TICKMARK_LIMIT_TURNS"])
def test_a_reserved_name_is_refused_rather_than_ignored(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is set, but this version does not know"):
        Settings.read({name: "x"})


def test_reserved_names_are_none_of_those_that_work() -> None:
    assert not {f"TICKMARK_{name}" for name in NOT_YET} & {setting.variable for setting in SETTINGS}


def test_an_empty_value_is_an_unset_one() -> None:
    assert Settings.read({"TICKMARK_PORT": "", "TICKMARK_HOST": " ", "TICKMARK_REDIS_URL": ""}) == Settings.read({})


def test_a_key_shows_neither_in_a_repr_nor_in_a_refusal() -> None:
    assert "sk-secret" not in repr(Settings.read({"ANTHROPIC_API_KEY": "sk-secret"}))
    with pytest.raises(SettingsError) as refusal:
        Settings.read({"ANTHROPIC_API_KEY": "sk-secret\nX: y"})
    assert "sk-secret" not in str(refusal.value)


def test_options_win_over_the_environment_and_are_named_as_they_were_given() -> None:
    assert Settings.read({"TICKMARK_PORT": "9000"}, port="9001", host=None).port == 9001
    with pytest.raises(SettingsError, match=r"^--port='x' is not understood"):
        Settings.read({}, port="x")


def test_other_programs_variables_are_left_alone() -> None:
    Settings.read({"PATH": "/bin", "OPENAI_API_KEY": "x", "TICKMARK_CORPUS": "/corpus"})


@pytest.mark.skipif("sys.platform == 'win32'")
def test_data_lies_in_the_users_own_folder() -> None:
    assert default_data({"XDG_DATA_HOME": "/data"}) == Path("/data/tickmark")
    assert default_data({"XDG_DATA_HOME": "relative"}) == Path.home() / ".local/share/tickmark"
