"""Single pictures over HTTP: what is documented, and every way to ask wrongly."""

import base64
import io
import json
from collections.abc import AsyncIterator

import httpx
import msgspec
import numpy as np
import pytest
import trio
from hypothesis import given, settings, strategies as st
from PIL import Image

from protocols.analysis import PromptOfVector
from protocols.generation import PaintFailed, PaintOnce
from tests.web.stand_ins import House, opened
from tests.web.unhurried import UNHURRIED
from web.errors import Problem
from web.painting_wish import painting_wish

PATH = "/api/v1/generate"
WISH = {
    "prompt": "sunset over mountains",
    "negative_prompt": "blurry, distorted",
    "steps": 20,
    "guidance_scale": 7.5,
    "width": 96,
    "height": 64,
    "seed": None,
}


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    async with opened(house):
        yield house


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with house.client() as client:
        yield client


async def test_a_picture_is_painted_kept_and_described(
    house: House, client: httpx.AsyncClient
) -> None:
    said = (await client.post(PATH, json=WISH)).json()
    image = Image.open(io.BytesIO(base64.b64decode(said["image_base64"])))
    opened_again = await client.get(said["image_url"])

    assert (image.format, image.size) == ("PNG", (96, 64))
    assert said["image_url"] == f"http://{house.at}/images/img_0.png"
    assert opened_again.content == base64.b64decode(said["image_base64"])
    assert opened_again.headers["content-type"] == "image/png"
    asked = house.pool.asked[0]
    assert isinstance(asked, PaintOnce)
    assert said["metadata"] == {
        "steps": 20,
        "guidance_scale": 7.5,
        "generation_time_ms": 250.0,
        "queue_ms": 500.0,
        "effective_steps": 1,
        "model": "grey",
        "requested_model": None,
        "seed": asked.wish.seed,
        "width": 96,
        "height": 64,
        "prompt": "sunset over mountains",
        "known_words": [],
    }
    assert image.text["model"] == "grey"  # type: ignore[attr-defined]
    assert "owner" not in image.text  # type: ignore[attr-defined]


async def test_a_kept_picture_is_fetched_once(client: httpx.AsyncClient) -> None:
    url = (await client.post(PATH, json=WISH)).json()["image_url"]
    first = await client.get(url)
    again = await client.get(url, headers={"If-None-Match": first.headers["etag"]})

    assert "immutable" in first.headers["cache-control"]
    assert (again.status_code, again.content) == (304, b"")


async def test_links_lead_to_the_address_that_the_client_used(
    client: httpx.AsyncClient, house: House
) -> None:
    used = await client.post(PATH, json=WISH, headers={"Host": "pictures.example:8080"})
    evil = await client.post(PATH, json=WISH, headers={"Host": "a b/<c>"})

    assert used.json()["image_url"].startswith("http://pictures.example:8080/images/")
    assert evil.json()["image_url"].startswith(f"http://{house.at}/images/")


async def test_an_embedding_becomes_a_prompt(client: httpx.AsyncClient) -> None:
    vector = [0.5] * 512
    packed = base64.b64encode(np.array(vector, "<f4").tobytes()).decode()
    for prompt in (vector, packed):
        said = (await client.post(PATH, json=WISH | {"prompt": prompt})).json()
        assert said["metadata"]["prompt"] == "a calm sea"


async def test_what_the_painter_refuses_is_a_422(
    client: httpx.AsyncClient, house: House
) -> None:
    house.pool.answer = lambda _: PaintFailed(
        job=1, worker="w", field="width", reason="even"
    )
    got = await client.post(PATH, json=WISH)

    assert got.status_code == 422
    assert got.json()["error"]["details"]["mistakes"][0]["field"] == "width"


@pytest.mark.parametrize(
    ("key", "status"), [(None, 401), ("wrong", 401), ("key-of-ada", 200)]
)
async def test_a_valid_key_is_needed(house: House, key: str | None, status: int) -> None:
    async with house.client(key) as client:
        got = await client.post(PATH, json=WISH)

    assert got.status_code == status
    if status == 401:
        assert got.json()["error"]["code"] == "UNAUTHORIZED"
        assert got.headers["www-authenticate"] == "Bearer"


async def test_either_header_bears_the_key(house: House) -> None:
    async with house.client(None) as client:
        got = await client.post(PATH, json=WISH, headers={"X-API-Key": "key-of-bob"})
    assert got.status_code == 200


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"prompt": "x", "prompt": "y"}', "application/json", 400),
        (b"prompt=x", "application/x-www-form-urlencoded", 415),
        (b'{"prompt": "x"}', "text/plain", 415),
        (b'{"prompt": "' + b"x" * 300_000 + b'"}', "application/json", 413),
        (b'{"prompt": "x", "steps": 51}', "application/json", 422),
        (b'{"prompt": "x", "width": 64, "height": 64}', "application/vnd.x+json", 200),
    ],
)
async def test_a_body_must_be_right_in_form(
    client: httpx.AsyncClient, body: bytes, kind: str, status: int
) -> None:
    got = await client.post(PATH, content=body, headers={"Content-Type": kind})
    assert got.status_code == status


async def test_a_body_without_length_is_measured_too(client: httpx.AsyncClient) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 10_000

    got = await client.post(
        PATH, content=parts(), headers={"Content-Type": "application/json"}
    )
    assert got.status_code == 413


def mistakes(body: dict[str, object]) -> set[str]:
    with pytest.raises(Problem) as refused:
        painting_wish(body)
    assert refused.value.status == 422
    return {mistake["field"] for mistake in refused.value.details["mistakes"]}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("prompt", None),
        ("prompt", ""),
        ("prompt", "x" * 2001),
        ("prompt", "a\x00b"),
        ("prompt", 7),
        ("prompt", [0.5] * 511),
        ("prompt", [0.5] * 511 + ["x"]),
        ("prompt", [0.5] * 511 + [True]),
        ("prompt", [0.5] * 511 + [1e39]),
        ("prompt", [0.5] * 511 + [10**400]),
        ("prompt", base64.b64encode(b"\xff" * 2048).decode()),
        ("negative_prompt", 3),
        ("steps", 9),
        ("steps", 51),
        ("steps", 20.5),
        ("steps", True),
        ("steps", "20"),
        ("guidance_scale", 0.9),
        ("guidance_scale", 15.1),
        ("guidance_scale", 10**400),
        ("width", 63),
        ("height", 2049),
        ("seed", -1),
        ("seed", 2**32),
        ("model", ["sdxl"]),
    ],
)
def test_a_value_outside_its_range_is_named(name: str, value: object) -> None:
    assert mistakes(WISH | {name: value}) == {name}


def test_all_mistakes_are_told_at_once() -> None:
    assert mistakes({"steps": 0, "width": 0, "seed": "x"}) == {
        "prompt",
        "steps",
        "width",
        "seed",
    }


@pytest.mark.parametrize("model", ["sdxl-turbo", "SDXL-Lightning"])
def test_a_few_step_model_may_take_one_step_without_guidance(model: str) -> None:
    few = {"prompt": "x", "steps": 1, "guidance_scale": 0}
    assert painting_wish(few | {"model": model}).wish.steps == 1
    assert mistakes(few | {"model": "sdxl"}) == {"steps", "guidance_scale"}


def test_a_chosen_seed_differs_from_time_to_time() -> None:
    assert len({painting_wish({"prompt": "x"}).wish.seed for _ in range(5)}) > 1


def test_an_embedding_is_told_from_a_text() -> None:
    vector = painting_wish({"prompt": list(range(512))}).vector
    assert vector is not None
    assert isinstance(PromptOfVector(vector).vector, np.ndarray)
    assert not vector.flags.writeable
    assert painting_wish({"prompt": "x" * 2000}).vector is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5)
    ),
    max_leaves=8,
)


def status_of(body: dict[str, object]) -> int:
    try:
        painting_wish(body)
    except Problem as problem:
        msgspec.json.encode(problem.details)  # it can be written
        return problem.status
    return 200


@UNHURRIED
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(WISH, _JSON) | {"model": _JSON}))
def test_any_values_are_a_wish_or_a_422(body: dict[str, object]) -> None:
    assert status_of(body) in (200, 422)


@settings(UNHURRIED, max_examples=20)
@given(
    bodies=st.lists(st.binary(max_size=60) | _JSON.map(lambda v: json.dumps(v).encode()))
)
def test_nothing_that_is_posted_is_our_error(bodies: list[bytes]) -> None:
    async def post() -> None:
        async with opened(House()) as house, house.client() as client:
            house.sessions.add("sess_a")
            for body in bodies:
                for path in (
                    PATH,
                    "/api/v1/session/create",
                    "/api/v1/session/sess_a/brain",
                    "/api/v1/ingest/stream",
                ):
                    got = await client.post(
                        path, content=body, headers={"Content-Type": "application/json"}
                    )
                    assert got.status_code < 500, got.text

    trio.run(post)
