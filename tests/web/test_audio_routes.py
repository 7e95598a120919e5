"""Sound over HTTP: what is documented, and every way to ask wrongly."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec
import pytest
from hypothesis import given, strategies as st

from config.schema import RateLimits, Settings
from protocols.sound import Generate, Play, SoundConfig, SoundRefused
from tests.web.sound_stand_ins import SoundHouse
from tests.web.stand_ins import KEY, opened
from tests.web.unhurried import UNHURRIED
from web.door import Nobody
from web.errors import Problem
from web.sound_wish import (
    FREQUENCY_HZ,
    hardware_level,
    is_preset_id,
    preset_id,
    preset_wish,
    sound_config,
)

WISH = {
    "frequency": 136.1,
    "duration": 0.5,
    "volume": 0.8,
    "prayer_bowl_mode": True,
    "harmonic_strength": 0.3,
    "modulation_depth": 0.05,
}
T = TypeVar("T")
BASE = "/api/v1/audio"
UNLIMITED = Settings(limits=RateLimits(requests_a_minute=0, generations_a_minute=0))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[SoundHouse]:
    house = SoundHouse(tmp_path, settings=UNLIMITED)
    async with opened(house):
        yield house


@pytest.fixture
async def client(house: SoundHouse) -> AsyncIterator[httpx.AsyncClient]:
    async with house.client(None) as client:
        yield client


@pytest.fixture
async def made(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.post(f"{BASE}/generate", json=WISH)
    said: dict[str, Any] = answer.json()
    return said


@pytest.fixture
async def having(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client that has generated a sound."""
    await client.post(f"{BASE}/generate", json=WISH)
    return client


def failed(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The details of an error in document 003's form."""
    said = answer.json()
    assert (answer.status_code, said["status"], said["error_code"]) == (
        status,
        "error",
        code,
    )
    assert said.keys() == {"status", "error_code", "message", "details", "timestamp"}
    details: dict[str, Any] = said["details"]
    return details


# -- generate, play, stop -------------------------------------------------------------


async def test_a_sound_is_generated_as_documented(
    house: SoundHouse, made: dict[str, Any]
) -> None:
    assert (
        made.items()
        >= {
            "status": "success",
            "message": "Audio generation completed",
            "audio_generated": True,
            "samples": 22_050,
            "generation_time_ms": 12.3,
        }.items()
    )
    assert made["config"].items() >= WISH.items()
    asked = house.sound.asked[0]
    assert asked == Generate(SoundConfig(frequency=136.1, duration=0.5))
    assert made["file_url"] == f"http://{house.at}{BASE}/file?format=wav"


async def test_what_is_not_sent_is_as_in_the_documents_example(
    client: httpx.AsyncClient, house: SoundHouse
) -> None:
    answer = await client.post(f"{BASE}/generate", json={})
    assert answer.json()["samples"] == 1_323_000
    assert house.sound.asked == [Generate(SoundConfig(frequency=136.1, duration=30.0))]


async def test_what_the_document_does_not_show_can_be_asked_for(
    client: httpx.AsyncClient, house: SoundHouse
) -> None:
    ours = {
        "bowl": "rub",
        "binaural_hz": 6,
        "isochronic_hz": 4.5,
        "normalise_lufs": -23,
        "seed": 7,
    }
    answer = await client.post(f"{BASE}/generate", json=WISH | ours)
    assert answer.json()["config"].items() >= ours.items()
    assert house.synth.clip is not None
    assert house.synth.clip.config.normalise_lufs == -23.0


async def test_a_preset_says_what_the_wish_does_not(
    client: httpx.AsyncClient, house: SoundHouse
) -> None:
    wish = {"preset": "om", "duration": 1, "harmonic_strength": 0.9}
    await client.post(f"{BASE}/generate", json=wish)
    assert house.synth.clip is not None
    assert house.synth.clip.config == SoundConfig(
        frequency=136.1, duration=1.0, volume=0.7, harmonic_strength=0.9
    )
    unknown = await client.post(f"{BASE}/generate", json={"preset": "hum"})
    details = failed(unknown, 422, "INVALID_PARAMETER")
    assert details["mistakes"] == [
        {"field": "preset", "value": "hum", "allowed": "one of om"}
    ]


@pytest.mark.parametrize("frequency", [-5.0, 0, 0.0999, 20_000.01, "136", True, [], 10**30])
async def test_a_frequency_out_of_range_is_refused_as_documented(
    client: httpx.AsyncClient, frequency: object
) -> None:
    wish = WISH | {"frequency": frequency, "volume": 2}
    answer = await client.post(f"{BASE}/generate", json=wish)
    details = failed(answer, 422, "INVALID_FREQUENCY")
    shown = str(frequency) if frequency in ([], 10**30) else frequency
    assert details["provided_value"] == shown
    assert (details["min_value"], details["max_value"]) == FREQUENCY_HZ
    assert [one["field"] for one in details["mistakes"]] == ["frequency", "volume"]


async def test_other_mistakes_are_all_named(client: httpx.AsyncClient) -> None:
    wrong = {"duration": 3600.1, "volume": "loud", "prayer_bowl_mode": 1, "bowl": "break"}
    answer = await client.post(f"{BASE}/generate", json=WISH | wrong)
    details = failed(answer, 422, "INVALID_PARAMETER")
    assert [one["field"] for one in details["mistakes"]] == list(wrong)


async def test_playing_without_an_output_streams_and_says_so(
    client: httpx.AsyncClient, house: SoundHouse, made: dict[str, Any]
) -> None:
    said = (await client.post(f"{BASE}/play", json={"hardware_level": 3})).json()
    assert said["message"] == "Audio playback started"
    assert (said["status"], said["hardware_level"]) == ("success", 3)
    assert (said["audio_duration"], said["audio_samples"]) == (0.5, made["samples"])
    assert said["output"]["state"] == "none"
    assert "audio.output_3" in said["output"]["reason"]
    assert said["stream_url"] == f"ws://{house.at}{BASE}/stream"


async def test_without_a_body_the_passive_output_plays(
    having: httpx.AsyncClient, house: SoundHouse
) -> None:
    assert (await having.post(f"{BASE}/play")).json()["hardware_level"] == 2
    assert house.sound.asked[-1] == Play(level=2)


async def test_an_output_that_cannot_play_is_unavailable_and_yet_it_streams(
    having: httpx.AsyncClient, house: SoundHouse
) -> None:
    house.synth.change(2, device="hw:9", state="lost", reason="hw:9 went away")
    answer = await having.post(f"{BASE}/play", json={"hardware_level": 2})
    details = failed(answer, 503, "AUDIO_UNAVAILABLE")
    assert answer.headers["retry-after"] == "2"
    assert details["output"]["reason"] == "hw:9 went away"
    assert details["streaming"] is True


async def test_nothing_to_play_says_what_to_do(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"{BASE}/play", json={"hardware_level": 2})
    failed(answer, 409, "NO_AUDIO")
    assert f"{BASE}/generate" in answer.json()["message"]
    failed(await client.get(f"{BASE}/file"), 404, "NO_AUDIO")


@pytest.mark.parametrize("level", [1, 4, 2.5, "2", True, [2], {}])
async def test_there_are_two_levels(client: httpx.AsyncClient, level: object) -> None:
    answer = await client.post(f"{BASE}/play", json={"hardware_level": level})
    failed(answer, 422, "INVALID_PARAMETER")


async def test_stop_is_answered_whether_anything_sounds_or_not(
    having: httpx.AsyncClient,
) -> None:
    await having.post(f"{BASE}/play")
    for _ in range(2):
        said = (await having.post(f"{BASE}/stop")).json()
        assert said["status"] == "success"
        assert said["message"] == "Audio stop request processed"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("AUDIO_UNAVAILABLE", 503),
        ("AUDIO_GENERATION_FAILED", 503),
        ("STORAGE_UNAVAILABLE", 503),
        ("INVALID_PARAMETER", 422),
    ],
)
async def test_refusals_of_the_synth_keep_their_codes(
    client: httpx.AsyncClient, house: SoundHouse, code: str, status: int
) -> None:
    house.synth.refusal = SoundRefused(code=code, reason="so it is", field="duration")
    for answer in (
        await client.post(f"{BASE}/generate", json=WISH),
        await client.post(f"{BASE}/play"),
        await client.post(f"{BASE}/stop"),
        await client.get(f"{BASE}/status"),
        await client.get(f"{BASE}/spectrum"),
        await client.get(f"{BASE}/file"),
    ):
        failed(answer, status, code)


# -- what there is --------------------------------------------------------------------


async def test_before_anything_there_is_no_audio(client: httpx.AsyncClient) -> None:
    said = (await client.get(f"{BASE}/status")).json()
    assert (
        said.items()
        >= {
            "status": "success",
            "has_audio": False,
            "audio_duration": 0.0,
            "spectrum_available": False,
        }.items()
    )


async def test_status_says_what_there_is_and_what_sounds(
    having: httpx.AsyncClient, house: SoundHouse
) -> None:
    silent = (await having.get(f"{BASE}/status")).json()
    await having.post(f"{BASE}/play")
    said = (await having.get(f"{BASE}/status")).json()
    assert (silent["has_audio"], silent["spectrum_available"]) == (True, False)
    assert said["spectrum_available"] is True
    assert (said["audio_duration"], said["position"]) == (0.5, 1.5)
    assert said["timestamp"] == house.door.unix()
    assert said["config"]["frequency"] == 136.1
    assert said["sessions_sounding"] == 1
    assert "sess_a" not in json.dumps(said)  # an id opens its session's stream


async def test_the_spectrum_has_64_bins_and_says_where(having: httpx.AsyncClient) -> None:
    silent = (await having.get(f"{BASE}/spectrum")).json()
    await having.post(f"{BASE}/play")
    said = (await having.get(f"{BASE}/spectrum")).json()
    assert silent["spectrum"] == [0.0] * 64
    assert said["spectrum"] == [i / 64 for i in range(64)]
    assert said["length"] == len(said["frequencies"]) == 64
    assert (said["frequencies"][0], said["frequencies"][-1]) == (21.1, 18_949.3)


# -- the file -------------------------------------------------------------------------


async def test_the_file_is_a_wav_of_the_sound(
    client: httpx.AsyncClient, made: dict[str, Any]
) -> None:
    answer = await client.get(f"{BASE}/file")
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["accept-ranges"] == "bytes"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert len(answer.content) == 44 + 4 * made["samples"]
    assert answer.content[:4] == b"RIFF"
    disposition = answer.headers["content-disposition"]
    assert disposition == 'inline; filename="phosphene-bowl-136.1-hz.wav"'


@pytest.mark.parametrize("kind", ["flac", "ogg"])
async def test_the_file_comes_in_three_formats(
    having: httpx.AsyncClient, kind: str
) -> None:
    answer = await having.get(f"{BASE}/file", params={"format": kind})
    assert answer.headers["content-type"] == f"audio/{kind}"
    assert answer.headers["content-disposition"].endswith(f'.{kind}"')
    failed(await having.get(f"{BASE}/file?format=mp3"), 422, "INVALID_PARAMETER")


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-9", slice(0, 10)),
        ("bytes=70000-", slice(70_000, None)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=-999999999", slice(None)),
        ("bytes=88243-999999", slice(88_243, None)),
        (f"bytes=0-{'9' * 400}", slice(None)),
    ],
)
async def test_a_part_of_the_file_can_be_had(
    having: httpx.AsyncClient, asked: str, part: slice
) -> None:
    whole = (await having.get(f"{BASE}/file")).content
    answer = await having.get(f"{BASE}/file", headers={"range": asked})
    assert answer.status_code == 206
    assert answer.content == whole[part]
    first, last, _ = part.indices(len(whole))
    assert answer.headers["content-range"] == f"bytes {first}-{last - 1}/{len(whole)}"


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=1-2", "bytes", "bytes=x-y", "="])
async def test_what_is_no_single_range_gets_the_whole(
    having: httpx.AsyncClient, asked: str
) -> None:
    answer = await having.get(f"{BASE}/file", headers={"range": asked})
    assert (answer.status_code, len(answer.content)) == (200, 88_244)


async def test_a_range_behind_the_end_is_refused(having: httpx.AsyncClient) -> None:
    answer = await having.get(f"{BASE}/file", headers={"range": "bytes=88244-"})
    failed(answer, 416, "RANGE_NOT_SATISFIABLE")
    assert answer.headers["content-range"] == "bytes */88244"


async def test_a_part_of_another_file_is_not_sent(having: httpx.AsyncClient) -> None:
    tag = (await having.get(f"{BASE}/file")).headers["etag"]
    for mark, status in ((tag, 206), ('"another"', 200)):
        asked = {"range": "bytes=0-1", "if-range": mark}
        answer = await having.get(f"{BASE}/file", headers=asked)
        assert answer.status_code == status


async def test_who_has_the_file_is_not_sent_it(
    client: httpx.AsyncClient, house: SoundHouse, made: dict[str, Any]
) -> None:
    kept = house.synth._file("wav")
    house.sound.answer = lambda _: kept
    first = await client.get(f"{BASE}/file")
    asked = {"if-none-match": f'"x", W/{first.headers["etag"]}'}
    again = await client.get(f"{BASE}/file", headers=asked)
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert made["id"] in first.headers["etag"]


async def test_a_head_request_says_how_long_the_file_is(having: httpx.AsyncClient) -> None:
    answer = await having.head(f"{BASE}/file")
    assert (answer.headers["content-length"], answer.content) == ("88244", b"")


async def test_a_file_that_went_meanwhile_is_unavailable(
    having: httpx.AsyncClient, house: SoundHouse
) -> None:
    kept = house.synth._file("wav")
    gone = msgspec.structs.replace(kept, path=kept.path + ".gone")
    house.sound.answer = lambda _: gone
    failed(await having.get(f"{BASE}/file"), 503, "AUDIO_UNAVAILABLE")


# -- presets --------------------------------------------------------------------------


async def test_presets_and_ranges_are_shown_as_documented(
    client: httpx.AsyncClient,
) -> None:
    presets = (await client.get(f"{BASE}/presets")).json()
    ranges = (await client.get(f"{BASE}/frequencies/range")).json()
    assert presets["presets"]["om"]["name"] == "OM Frequency"
    assert (presets["count"], presets["own"]) == (1, [])
    assert ranges["ranges"] == {
        "earth_resonance": {"name": "Earth", "min": 7.0, "max": 10.0},
        "chakra": {"name": "Chakra", "frequencies": {"root": 256.0}},
    }


async def test_an_own_preset_is_kept_replaced_and_forgotten(
    client: httpx.AsyncClient,
) -> None:
    wish = {"name": "My Evening Hum!", "frequency": 54, "volume": 0.2}
    kept = await client.post(f"{BASE}/presets", json=wish)
    assert (kept.status_code, kept.json()["id"]) == (201, "my-evening-hum")
    assert kept.headers["location"] == f"{BASE}/presets/my-evening-hum"
    again = await client.post(f"{BASE}/presets", json=wish | {"volume": 0.4})
    assert again.status_code == 200
    shown = (await client.get(kept.headers["location"])).json()
    assert shown["preset"]["volume"] == 0.4
    assert (await client.get(f"{BASE}/presets")).json()["own"] == ["my-evening-hum"]
    assert (await client.delete(kept.headers["location"])).status_code == 200
    failed(await client.delete(kept.headers["location"]), 404, "RESOURCE_NOT_FOUND")
    failed(await client.get(kept.headers["location"]), 404, "RESOURCE_NOT_FOUND")


async def test_a_documented_preset_stays_as_it_is(client: httpx.AsyncClient) -> None:
    wish = {"id": "om", "name": "Mine", "frequency": 54}
    answers = (
        await client.post(f"{BASE}/presets", json=wish),
        await client.post(f"{BASE}/presets", json={"name": "OM", "frequency": 54}),
        await client.delete(f"{BASE}/presets/om"),
    )
    for answer in answers:
        failed(answer, 409, "PRESET_IS_DOCUMENTED")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "水"}, "name"),
        ({"id": "Not An Id"}, "id"),
        ({"id": "-x"}, "id"),
        ({"id": "x" * 65}, "id"),
        ({"volume": 1.1}, "volume"),
    ],
)
async def test_a_preset_that_cannot_be_is_refused(
    client: httpx.AsyncClient, changes: dict[str, Any], field: str
) -> None:
    wish = {"name": "Hum", "frequency": 54} | changes
    details = failed(
        await client.post(f"{BASE}/presets", json=wish), 422, "INVALID_PARAMETER"
    )
    assert details["mistakes"][0]["field"] == field


async def test_a_preset_needs_a_frequency(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"{BASE}/presets", json={"name": "Hum"})
    assert failed(answer, 422, "INVALID_FREQUENCY")["min_value"] == 0.1


# -- who may --------------------------------------------------------------------------


async def test_this_machine_needs_no_key_but_a_wrong_one_is_wrong(
    house: SoundHouse,
) -> None:
    for key, status in ((None, 200), (KEY, 200), ("nonsense", 401)):
        async with house.client(key) as client:
            assert (await client.get(f"{BASE}/status")).status_code == status
            assert (await client.get(f"{BASE}/presets")).status_code == status


async def test_a_page_of_another_site_makes_no_sound(client: httpx.AsyncClient) -> None:
    origin = {"origin": "https://elsewhere.example"}
    failed(await client.post(f"{BASE}/play", headers=origin), 403, "FORBIDDEN")


async def test_without_a_synth_sound_is_unavailable(tmp_path: Path) -> None:
    house = SoundHouse(tmp_path)
    house.door = replace(house.door, sound=Nobody(), presets=Nobody())
    async with opened(house), house.client(None) as client:
        for path in ("status", "spectrum", "presets", "frequencies/range"):
            assert (await client.get(f"{BASE}/{path}")).status_code == 503


# -- whatever is sent -----------------------------------------------------------------

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
NAMES = [*SoundConfig.__struct_fields__, "preset", "id", "name", "description"]
BODIES = st.dictionaries(st.sampled_from([*NAMES, "hardware_level", "x"]), VALUES)


def mistaken(read: Callable[[dict[str, Any]], T], body: dict[str, Any]) -> T | None:
    """Read it; None: it has a mistake, of which a documented error tells."""
    try:
        return read(body)
    except Problem as problem:
        found = problem
    assert found.status == 422
    assert found.code in {"INVALID_FREQUENCY", "INVALID_PARAMETER"}
    assert json.loads(msgspec.json.encode(found.details))["mistakes"]
    return None


@UNHURRIED
@given(BODIES)
def test_a_wish_is_within_the_ranges_or_a_documented_error(body: dict[str, Any]) -> None:
    config = mistaken(sound_config, body)
    if config is None:
        return
    assert 0.1 <= config.frequency <= 20_000
    assert 0.1 <= config.duration <= 3600
    shares = (config.volume, config.harmonic_strength, config.modulation_depth)
    assert all(0 <= share <= 1 for share in shares)
    assert config.bowl in {"strike", "rub"}


@UNHURRIED
@given(BODIES)
def test_a_preset_can_be_kept_or_is_a_documented_error(body: dict[str, Any]) -> None:
    wish = mistaken(preset_wish, body)
    assert wish is None or is_preset_id(wish.id)


@UNHURRIED
@given(BODIES)
def test_a_level_is_2_or_3_or_a_documented_error(body: dict[str, Any]) -> None:
    assert mistaken(hardware_level, body) in {2, 3, None}


@UNHURRIED
@given(st.text(max_size=200))
def test_an_id_that_is_made_of_a_name_is_one_or_none(name: str) -> None:
    made = preset_id(name)
    assert made == "" or is_preset_id(made)
