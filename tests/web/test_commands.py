"""What clients of `/ws` say, as it is read."""

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from protocols.live import Ping, StartSession, StopSession, Subscribe
from protocols.sound import ChangeSound
from web.commands import (
    BadCommandError,
    SettingsChange,
    error_told,
    name_of,
    read_command,
)


def said(**fields: object) -> str:
    return json.dumps(fields)


def refused(text: str) -> BadCommandError:
    with pytest.raises(BadCommandError) as caught:
        read_command(text)
    return caught.value


def mistakes(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = refused(text).problem.details["mistakes"]
    return found


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (said(type="ping"), Ping()),
        (said(type="ping", timestamp=1.5), Ping(timestamp=1.5)),
        (said(type="SUBSCRIBE"), Subscribe()),
        (said(type="SUBSCRIBE", topics=[]), Subscribe(topics=())),
        (
            said(type="SUBSCRIBE", topics=["heartbeat", "realtime_data"], rate_hz=2),
            Subscribe(topics=("realtime_data", "heartbeat"), rate_hz=2),
        ),
        (
            said(
                type="START_SESSION",
                session_name="Evening Meditation",
                duration=1800,
                intention="Peace and clarity",
            ),
            StartSession(
                session_name="Evening Meditation",
                duration=1800,
                intention="Peace and clarity",
            ),
        ),
        (said(type="STOP_SESSION", session_id="s"), StopSession(session_id="s")),
        (
            said(
                type="UPDATE_SETTINGS",
                settings={"frequency": 432.0, "volume": 0.7, "prayer_bowl_mode": True},
            ),
            SettingsChange(
                change=ChangeSound(frequency=432.0, volume=0.7, prayer_bowl_mode=True),
                changed=("frequency", "volume", "prayer_bowl_mode"),
                ignored=(),
            ),
        ),
    ],
)
def test_what_the_document_shows_is_understood(text: str, command: object) -> None:
    assert read_command(text) == command


def test_settings_that_are_none_are_named() -> None:
    text = said(type="UPDATE_SETTINGS", settings={"volume": 1, "colour": "red"})
    change = read_command(text)

    assert isinstance(change, SettingsChange)
    assert (change.changed, change.ignored) == (("volume",), ("colour",))
    assert name_of(change) == "UPDATE_SETTINGS"


@pytest.mark.parametrize("value", [-5.0, 0, 20_001, "432", True, [432]])
def test_a_wrong_frequency_is_answered_as_documented(value: object) -> None:
    error = refused(said(type="UPDATE_SETTINGS", settings={"frequency": value}))

    assert (error.problem.code, error.command) == ("INVALID_FREQUENCY", "UPDATE_SETTINGS")
    details = error.problem.details
    assert (details["min_value"], details["max_value"]) == (0.1, 20_000.0)
    assert details["mistakes"][0]["field"] == "frequency"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("volume", 1.1),
        ("volume", "loud"),
        ("harmonic_strength", -0.1),
        ("modulation_depth", 2),
        ("prayer_bowl_mode", 1),
    ],
)
def test_a_wrong_setting_says_which_what_and_what_is_allowed(
    name: str, value: object
) -> None:
    text = said(type="UPDATE_SETTINGS", settings={name: value})
    [mistake] = mistakes(text)

    assert refused(text).problem.code == "INVALID_PARAMETER"
    assert (mistake["field"], mistake["value"]) == (name, value)
    assert mistake["allowed"]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("{}", "type"),
        (said(type="dance"), "type"),
        (said(type=["ping"]), "type"),
        (said(type="UPDATE_SETTINGS"), "settings"),
        (said(type="UPDATE_SETTINGS", settings={"colour": 1}), "settings"),
        (said(type="UPDATE_SETTINGS", settings=[1]), "settings"),
        (said(type="SUBSCRIBE", topics="heartbeat"), "topics"),
        (said(type="SUBSCRIBE", topics=["pong"]), "topics"),
        (said(type="SUBSCRIBE", topics=[{}]), "topics"),
        (said(type="SUBSCRIBE", rate_hz=0), "rate_hz"),
        (said(type="SUBSCRIBE", rate_hz=11), "rate_hz"),
        (said(type="SUBSCRIBE", rate_hz=2.5), "rate_hz"),
        (said(type="START_SESSION"), "session_name"),
        (said(type="START_SESSION", session_name="x", duration=0), "duration"),
        (said(type="START_SESSION", session_name="x", duration="long"), "duration"),
        (said(type="STOP_SESSION"), "session_id"),
        (said(type="ping", timestamp="now"), "timestamp"),
    ],
)
def test_each_mistake_is_named(text: str, field: str) -> None:
    assert mistakes(text)[0]["field"] == field


@pytest.mark.parametrize("text", ["", "{", "[]", "1", '{"a": NaN}', '{"a": 1, "a": 2}'])
def test_what_is_no_object_is_told_in_the_documents_envelope(text: str) -> None:
    error = refused(text)
    told = error_told(error.problem, error.command, 0.0)

    assert (told.status, told.error_code) == ("error", "INVALID_PARAMETER")
    assert (told.command, told.details["reason"]) == (None, "INVALID_JSON")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["type", "settings", "topics", "rate_hz", "duration", "frequency"]
                ),
                inner | st.sampled_from(["ping", "SUBSCRIBE", "UPDATE_SETTINGS"]),
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_is_said_is_a_command_or_has_a_mistake(value: object) -> None:
    text = json.dumps(value)
    try:
        command = read_command(text)
    except BadCommandError as error:
        assert error_told(error.problem, error.command, 0.0).message  # noqa: PT017  # either
    else:
        assert isinstance(value, dict)
        assert isinstance(command, Ping | Subscribe | SettingsChange)
