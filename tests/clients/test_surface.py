"""Every call of the Python clients, before a real server."""

import inspect
from pathlib import Path

import pytest
import soundfile

from phosphene.client import (
    ApiError,
    ConflictError,
    InvalidError,
    KeyRefusedError,
    NotThereError,
    Phosphene,
    PracticeWish,
    Preset,
    SittingWish,
    SoundWish,
    TrioPhosphene,
    UnreachableError,
)
from protocols.live import (
    EventTold,
    SessionStarted,
    SessionStopped,
    SettingsUpdated,
    SettingsWish,
)
from tests.journeys.server import PATIENCE_S, Server

pytestmark = pytest.mark.slow

TONE = SoundWish(frequency=440.0, duration=30.0, prayer_bowl_mode=False, volume=0.5)
BELL = Preset(
    name="A bell of a client",
    frequency=222.0,
    description="",
    prayer_bowl_mode=True,
    harmonic_strength=0.2,
    modulation_depth=0.1,
    volume=0.4,
)


def test_health(phosphene: Phosphene) -> None:
    health = phosphene.health()

    assert health.status == "healthy"
    assert health.version


def test_a_sitting_from_its_beginning_to_its_end(phosphene: Phosphene) -> None:
    made = phosphene.sittings.create("me", "simulator", SittingWish(seed=3, width=64))
    session = made.session_id

    with phosphene.sittings.pictures(session) as pictures:
        picture = next(pictures)
    assert picture.jpeg[:2] == b"\xff\xd8"
    assert picture.about.metadata.prompt
    assert phosphene.sittings.pause(session).status == "paused"
    assert phosphene.sittings.resume(session).status == "active"
    assert phosphene.sittings.sound(session, on=True).session_config["sound"] is True
    with phosphene.audio.stream(session) as sound:
        first, second = next(sound), next(sound)
    assert second.first_sample > first.first_sample
    assert session in {one.session_id for one in phosphene.sittings.list().sessions}
    assert phosphene.sittings.end(session).summary.total_images >= 1
    assert phosphene.sittings.status(session).status in ("ended", "completed", "stopped")


def test_a_practice_from_its_beginning_to_its_end(phosphene: Phosphene) -> None:
    made = phosphene.practices.create(PracticeWish(name="Noon", duration=600.0))

    assert made.status == "created"
    assert phosphene.practices.start(made.id).session_status == "running"
    with pytest.raises(ConflictError) as conflict:
        phosphene.practices.start(made.id)
    assert conflict.value.code == "SESSION_ALREADY_RUNNING"
    assert phosphene.practices.stop(made.id).session_status == "stopped"
    assert made.id in {one.id for one in phosphene.practices.list().sessions}
    phosphene.practices.delete(made.id)
    with pytest.raises(NotThereError):
        phosphene.practices.status(made.id)


def test_a_sound_is_made_played_kept_and_stopped(
    phosphene: Phosphene, tmp_path: Path
) -> None:
    assert phosphene.audio.generate(TONE).samples == 30 * 44_100
    assert phosphene.audio.play().output.level == 2
    with phosphene.audio.stream() as stream:
        while not any(next(stream).pcm):
            pass
    assert phosphene.audio.status().playing
    assert max(phosphene.audio.spectrum().spectrum) > 0.0
    path = tmp_path / "tone.flac"
    assert phosphene.audio.save(path, "flac") == path.stat().st_size
    assert soundfile.info(str(path)).frames == 30 * 44_100
    assert not phosphene.audio.stop().playing


def test_presets_are_kept_and_forgotten(phosphene: Phosphene) -> None:
    kept = phosphene.audio.save_preset(BELL)

    assert phosphene.audio.preset(kept.id).preset == BELL
    assert kept.id in phosphene.audio.presets().own
    assert "chakra" in phosphene.audio.ranges().ranges
    phosphene.audio.delete_preset(kept.id)
    with pytest.raises(NotThereError):
        phosphene.audio.preset(kept.id)


def test_commands_are_said_at_ws_and_answered(phosphene: Phosphene) -> None:
    phosphene.audio.generate(TONE)
    with phosphene.live() as live:
        live.update_settings(SettingsWish(volume=0.25))
        answer = next(one for one in live if isinstance(one, SettingsUpdated))
        live.start_session("At once", 60.0)
        started = next(one for one in live if isinstance(one, SessionStarted))
        live.stop_session(started.session_id)
        stopped = next(one for one in live if isinstance(one, SessionStopped))

    assert answer.changed == ("volume",)
    assert (stopped.session_id, stopped.status) == (started.session_id, "stopped")


def test_a_mistake_says_which_field_which_value_and_what_is_allowed(
    phosphene: Phosphene,
) -> None:
    with pytest.raises(InvalidError) as refused:
        phosphene.audio.generate(SoundWish(frequency=-5.0))

    assert refused.value.code == "INVALID_FREQUENCY"
    (mistake,) = refused.value.mistakes
    assert (mistake["field"], mistake["value"]) == ("frequency", -5.0)


def test_a_wrong_key_is_refused_as_such(server: Server) -> None:
    wrong = "phos_" + "x" * 43
    with Phosphene(server.base, wrong) as phosphene, pytest.raises(KeyRefusedError):
        phosphene.sittings.list()


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with Phosphene("http://127.0.0.1:9") as phosphene, pytest.raises(UnreachableError):
        phosphene.health()


def test_both_clients_have_the_same_calls() -> None:
    async def trio_names() -> dict[str, set[str]]:
        async with TrioPhosphene() as client:
            return _calls(client)

    import trio  # noqa: PLC0415  # only this test runs it by itself

    with Phosphene() as client:
        assert _calls(client) == trio.run(trio_names)


def _calls(client: object) -> dict[str, set[str]]:
    return {
        family: {
            f"{name}{list(inspect.signature(call).parameters)}"
            for name, call in inspect.getmembers(getattr(client, family), callable)
            if not name.startswith("_")
        }
        for family in ("sittings", "practices", "audio")
    }


async def test_the_trio_client_makes_plays_and_hears(
    server: Server, tmp_path: Path
) -> None:
    async with TrioPhosphene(server.base, server.key, timeout_s=PATIENCE_S) as phosphene:
        assert (await phosphene.health()).status == "healthy"
        await phosphene.audio.generate(TONE)
        await phosphene.audio.play()
        async with phosphene.audio.stream() as stream:
            async for block in stream:
                if any(block.pcm):
                    break
        path = tmp_path / "tone.wav"
        await phosphene.audio.save(path)
        await phosphene.audio.stop()
        made = await phosphene.practices.create(PracticeWish(name="Trio", duration=60.0))
        await phosphene.practices.start(made.id)
        await phosphene.practices.stop(made.id)
        with pytest.raises(ApiError) as refused:
            await phosphene.practices.stop(made.id)
        async with phosphene.live(["domain_event"]) as live:
            await live.start_session("A moment", 1.0)
            async for message in live:
                if (
                    isinstance(message, EventTold)
                    and message.event_name == "SESSION_COMPLETED"
                ):
                    break

    assert soundfile.info(str(path)).frames == 30 * 44_100
    assert refused.value.status == 409
