"""The door against HTTP clients that are slow, endless, broken or hostile.

Each test really sends the thing, and its scene sees that a viewer and other clients are
served meanwhile and afterwards, and that no task and no descriptor is left.
"""

import gzip
import importlib.metadata
import json
import logging
import re
import socket
import struct
import threading
import tomllib
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import h2.connection
import h2.events
import pytest
import trio
import trio.testing
from hypothesis import given, settings, strategies as st
from quart import Response
from quart_trio import QuartTrio

from protocols.generation import Painted, PaintOnce
from tests.web.raw import HEAD, Raw, connected, masked
from tests.web.scene import GET, PATH, Scene, counted, scene, status_of
from tests.web.stand_ins import KEY, House, paint
from tests.web.unhurried import UNHURRIED
from web.door import Limits
from web.front import Front
from web.gateway import Gateway
from web.http_side import HttpSide
from web.sockets import address, listen

CREATE = (
    f"POST /api/v1/session/create HTTP/1.1\r\nHost: x\r\nX-API-Key: {KEY}\r\n"
    "Content-Type: application/json\r\n"
)
ROOT = Path(__file__).parents[2]
TWO_LENGTHS = b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
MEGABYTE = 1024 * 1024


def test_the_pinned_hypercorn_is_what_the_tests_run_on() -> None:
    installed = importlib.metadata.version("hypercorn")
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert f"hypercorn=={installed}" in wanted
    for name in ("base", "test"):
        lock = (ROOT / "requirements" / f"{name}.lock").read_text()
        assert re.findall(r"^hypercorn==(\S+)", lock, re.MULTILINE) == [installed]


async def tell_until_closed(raw: Raw, drip: bytes, beside: Scene) -> bytes:
    """Send it again and again, others being served in between; what is answered."""
    answer = trio.Event()
    heard: list[bytes] = []

    async def listen_on() -> None:
        heard.append(await raw.rest())
        answer.set()

    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(listen_on)
            while not answer.is_set():
                try:
                    await raw.send(drip)
                except trio.BrokenResourceError:
                    break
                await beside.is_served()
    return heard[0]


# -- heads --------------------------------------------------------------------------------


async def test_a_head_that_drips_is_answered_408_and_costs_nobody_else() -> None:
    async with scene(head_s=0.3, linger_s=0.2) as seen, seen.hostile() as raw:
        await raw.send(b"GET / HTTP/1.1\r\nHost: x\r\nX-Drip: ")
        answer = await tell_until_closed(raw, b"x", seen)

        assert status_of(answer) == 408
        assert b"did not come in time" in answer


async def test_a_second_head_that_drips_is_answered_408_too() -> None:
    async with scene(keep_alive_s=0.3, linger_s=0.2) as seen, seen.hostile() as raw:
        await raw.send(GET)
        first = await raw.head()
        await raw.exactly(int(re.findall(r"content-length: (\d+)", first)[0]))
        answer = await tell_until_closed(raw, b"G", seen)

    assert status_of(answer) == 408


async def test_many_who_say_nothing_keep_nobody_out() -> None:
    async with scene(waiting_heads=20) as seen, AsyncExitStack() as stack:
        silent = [await stack.enter_async_context(seen.hostile()) for _ in range(60)]
        await seen.is_served()
        turned_away = [status_of(await raw.rest()) for raw in silent[:40]]
        assert turned_away == [503] * 40
        await seen.is_served()

    assert seen.house.door.figures.heads_refused >= 41


async def test_many_idle_connections_keep_nobody_out() -> None:
    async with scene(requests=10) as seen, AsyncExitStack() as stack:
        idle = []
        for _ in range(30):
            raw = await stack.enter_async_context(seen.hostile())
            await raw.send(GET)
            assert (await raw.head()).startswith("HTTP/1.1 200")
            idle.append(raw)
        for raw in idle[:20]:
            assert b"phosphene" in await raw.rest()  # its body, then the end


async def test_where_all_wait_for_us_one_more_is_told_to_come_later() -> None:
    may_answer = threading.Event()

    def slowly(message: PaintOnce) -> Painted:
        assert may_answer.wait(20)
        return paint(message)

    body = b'{"prompt": "a", "width": 64, "height": 64}'
    wish = (
        f"POST /api/v1/generate HTTP/1.1\r\nHost: x\r\nX-API-Key: {KEY}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    async with scene(requests=3) as seen, AsyncExitStack() as stack:
        seen.house.pool.answer = slowly
        busy = []
        for _ in range(3):
            raw = await stack.enter_async_context(seen.hostile())
            await raw.send(wish.encode() + body)
            busy.append(raw)
        while len(seen.house.pool.asked) < 3:
            await trio.testing.wait_all_tasks_blocked(0.01)
        async with seen.hostile() as one_more:
            await one_more.send(GET)
            answer = await one_more.rest()
        may_answer.set()
        for raw in busy:
            assert (await raw.head()).startswith("HTTP/1.1 200")

    assert status_of(answer) == 503
    assert b"retry-after: 5" in answer


@pytest.mark.parametrize("is_second", [False, True])
async def test_a_huge_head_is_answered_431(is_second: bool) -> None:  # noqa: FBT001
    async with scene(linger_s=0.5) as seen, seen.hostile() as raw:
        if is_second:
            await raw.send(GET)
            await raw.head()
        huge = b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * MEGABYTE
        await raw.send(huge)
        answer = await raw.rest()
        await seen.is_served()

    assert b"HTTP/1.1 431 " in answer


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)), 400),  # TLS
        (b"\x00" * 200, 400),
        (b"\xff\xfe\n\n", 400),
        (b"HELO example.org\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),  # no host
        (b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nSpace : x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n", 400),
        (b"GET ?x HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505),
        (b"GET / HTTP/0.9\r\nHost: x\r\n\r\n", 505),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 2\r\n\r\nab", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nHost: x\r\n" + TWO_LENGTHS + b"0\r\n\r\n", 400),
        (
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
            400,
        ),
    ],
)
async def test_what_is_no_request_is_refused_and_closed(sent: bytes, status: int) -> None:
    async with scene(linger_s=0.3) as seen, seen.hostile() as raw:
        await raw.send(sent)
        answer = await raw.rest()
        await seen.is_served()

    assert status_of(answer) == status
    assert b"content-type: application/json" in answer
    assert b'"error"' in answer or b'"error_code"' in answer


@settings(UNHURRIED, max_examples=30)
@given(st.binary(max_size=2000), st.booleans())
def test_no_garbage_makes_us_fail(garbage: bytes, has_line: bool) -> None:  # noqa: FBT001
    sent = b"GET /" + garbage.replace(b" ", b"") + b" HTTP/1.1\r\nHost: x\r\n\r\n"

    async def run() -> None:
        async with scene(linger_s=0.1, head_s=0.2) as seen, seen.hostile() as raw:
            await raw.send(sent if has_line else garbage)
            await raw.stream.send_eof()
            assert status_of(await raw.rest()) not in range(500, 505)

    trio.run(run)


# -- what HTTP/1.1 could turn into --------------------------------------------------------


async def test_http_2_is_not_spoken() -> None:
    client = h2.connection.H2Connection()
    client.initiate_connection()
    async with scene(linger_s=0.2) as seen, seen.hostile() as raw:
        await raw.send(client.data_to_send())
        answer = await raw.rest()

    assert status_of(answer) == 505


async def test_no_upgrade_to_http_2_is_heard() -> None:
    async with scene() as seen, seen.hostile() as raw:
        await raw.send(
            b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n"
            b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"
        )
        assert (await raw.head()).startswith("HTTP/1.1 200")


PING, PONG = 0x9, 0xA
OFFER = "Sec-WebSocket-Extensions: permessage-deflate\r\n"


@pytest.mark.parametrize("pieces", [1, 2, 5])
async def test_a_connection_that_was_kept_alive_can_become_a_websocket(
    pieces: int,
) -> None:
    upgrade = HEAD.format(path=PATH, host="127.0.0.1", more=OFFER).encode()
    size = -(-len(upgrade) // pieces)
    async with scene() as seen, seen.hostile() as raw:
        for _ in range(2):
            await raw.send(GET)
            head = await raw.head()
            await raw.exactly(int(head.lower().split("content-length: ")[1].split()[0]))
        for start in range(0, len(upgrade), size):
            await raw.send(upgrade[start : start + size])
        answer = await raw.head()
        assert answer.startswith("HTTP/1.1 101")
        await raw.send(masked(PING, b"there?"))
        while (said := await raw.frame())[0] != PONG:
            pass
        await seen.is_served()

    assert "sec-websocket-extensions" not in answer.lower()
    assert said == (PONG, b"there?")


async def test_a_websocket_that_is_refused_there_is_refused_in_the_usual_form() -> None:
    upgrade = HEAD.format(path="/stream/nobody", host="127.0.0.1", more="")
    async with scene() as seen, seen.hostile() as raw:
        await raw.send(GET + upgrade.encode())
        answer = await raw.rest()
        await seen.is_served()

    assert b"HTTP/1.1 404" in answer
    assert b'"error"' in answer


async def test_frames_before_the_answer_are_nobodys() -> None:
    upgrade = HEAD.format(path=PATH, host="127.0.0.1", more="").encode()
    async with scene() as seen, seen.hostile() as raw:
        await raw.send(GET + upgrade + masked(0x1, b"hello"))
        answer = await raw.rest()
        await seen.is_served()

    assert b"HTTP/1.1 400" in answer
    assert b" 101 " not in answer


# -- bodies -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("framing", "drip"),
    [
        ("Content-Length: 200000\r\n\r\n{", b" "),
        ("Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", b"1\r\n \r\n"),
    ],
)
async def test_a_body_that_never_ends_is_answered_408(framing: str, drip: bytes) -> None:
    async with scene(body_s=0.3, linger_s=0.2) as seen, seen.hostile() as raw:
        await raw.send((CREATE + framing).encode())
        answer = await tell_until_closed(raw, drip, seen)

        assert status_of(answer) == 408
        assert b"the body did not come in time" in answer


@pytest.mark.parametrize(
    ("framing", "piece"),
    [
        (f"Content-Length: {10**12}\r\n\r\n", b" " * 65536),
        ("Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65536 + b"\r\n"),
    ],
)
async def test_a_body_over_the_limit_is_answered_413_while_it_comes(
    framing: str, piece: bytes
) -> None:
    async with scene(linger_s=1.0) as seen, seen.hostile() as raw:
        await raw.send((CREATE + framing).encode())
        answer = b""

        async def hear() -> None:
            nonlocal answer
            answer = await raw.rest()
            nursery.cancel_scope.cancel()

        with trio.fail_after(20):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(hear)
                with pytest.raises((trio.BrokenResourceError, trio.Cancelled)):  # noqa: PT012
                    while True:
                        await raw.send(piece)
        await seen.is_served()

    assert status_of(answer) == 413
    assert b"262144 bytes" in answer


async def test_a_body_that_nobody_wants_holds_nobody() -> None:
    async with scene(linger_s=0.3) as seen, seen.hostile() as raw:
        await raw.send(
            b"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n"
        )
        with trio.move_on_after(10), pytest.raises(trio.BrokenResourceError):
            await raw.flood(b"x" * 65536)
        await seen.is_served()


async def test_a_compressed_body_is_not_inflated() -> None:
    bomb = gzip.compress(bytes(60 * MEGABYTE))
    assert len(bomb) < 64 * 1024
    async with scene() as seen, seen.hostile() as raw:
        framing = f"Content-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
        tracemalloc.start()
        try:
            await raw.send((CREATE + framing).encode() + bomb)
            head = await raw.head()
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert head.startswith("HTTP/1.1 400")
    assert peak < 10 * MEGABYTE


# -- many at once, and half of one --------------------------------------------------------


async def test_pipelined_requests_are_answered_in_order() -> None:
    paths = ["/health", "/nowhere", "/ws-stats"] * 20
    async with scene() as seen, seen.hostile() as raw:
        sent = "".join(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n" for path in paths)
        await raw.send(sent.encode())
        bodies = []
        for _ in paths:
            head = await raw.head()
            bodies.append(
                await raw.exactly(int(re.findall(r"content-length: (\d+)", head)[0]))
            )
        await seen.is_served()

    marks = {"/health": b"storage", "/nowhere": b"error", "/ws-stats": b"broadcast_rate_hz"}
    for path, body in zip(paths, bodies, strict=True):
        assert marks[path] in body


async def test_who_goes_on_after_saying_close_breaks_the_protocol() -> None:
    last = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    async with scene(linger_s=0.2) as seen, seen.hostile() as raw:
        await raw.send(GET + last + GET * 100)
        answers = await raw.rest()

    assert re.findall(rb"HTTP/1.1 (\d+) ", answers) == [b"200", b"400"]


async def test_who_asks_again_and_again_and_reads_nothing_is_cut() -> None:
    async with (
        scene(stall_s=0.3, least_rate=MEGABYTE) as seen,
        seen.hostile(receive_buffer=4096) as raw,
    ):
        with trio.fail_after(20), pytest.raises(trio.BrokenResourceError):
            await raw.flood(GET * 100)


async def test_a_big_answer_that_nobody_reads_is_cut() -> None:
    async with scene(stall_s=0.3, least_rate=100 * MEGABYTE) as seen:
        name = seen.house.library.put(b"x" * 8 * MEGABYTE)
        async with seen.hostile(receive_buffer=4096) as raw:
            await raw.send(f"GET /images/{name}.png HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            await raw.exactly(1)
            await seen.is_clean(held=1)
            await seen.is_served()


async def read_slowly(raw: Raw, seen: Scene) -> None:
    while True:
        await raw.exactly(20_000)
        await seen.is_served()


async def test_a_big_answer_that_is_read_too_slowly_is_cut() -> None:
    async with scene(stall_s=0.2, least_rate=8 * MEGABYTE) as seen:
        name = seen.house.library.put(b"x" * 8 * MEGABYTE)
        async with seen.hostile(receive_buffer=4096) as raw:
            await raw.send(f"GET /images/{name}.png HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            with trio.fail_after(20), pytest.raises((EOFError, trio.BrokenResourceError)):
                await read_slowly(raw, seen)


async def test_who_closes_its_own_side_is_still_answered() -> None:
    async with scene() as seen, seen.hostile() as raw:
        await raw.send(GET)
        await raw.stream.send_eof()
        answer = await raw.rest()

    assert status_of(answer) == 200
    assert b"phosphene" in answer


async def test_who_closes_its_own_side_is_not_waited_for_long() -> None:
    may_answer = threading.Event()

    def slowly(message: PaintOnce) -> Painted:
        assert may_answer.wait(20)
        return paint(message)

    body = b'{"prompt": "a", "width": 64, "height": 64}'
    wish = (
        f"POST /api/v1/generate HTTP/1.1\r\nHost: x\r\nX-API-Key: {KEY}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    async with scene(half_closed_s=0.2) as seen, seen.hostile() as raw:
        seen.house.pool.answer = slowly
        await raw.send(wish.encode() + body)
        await raw.stream.send_eof()
        with trio.fail_after(10):
            assert await raw.rest() == b""
        may_answer.set()


@pytest.mark.parametrize("at", [0, 1, 100_000])
async def test_a_reset_amid_an_answer_is_nobodys_loss(
    at: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with scene() as seen:
        name = seen.house.library.put(b"x" * 8 * MEGABYTE)
        async with seen.hostile() as raw:
            await raw.send(f"GET /images/{name}.png HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            await raw.exactly(at)
            no_linger = struct.pack("ii", 1, 0)
            raw.stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
        await seen.is_clean()

    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]


# -- a handler that fails -----------------------------------------------------------------


def broken_app() -> QuartTrio:
    app = QuartTrio(__name__)

    @app.get("/well")
    async def well() -> str:
        return "well"

    async def five() -> AsyncIterator[bytes]:
        yield b"12345"

    @app.get("/midway")
    async def midway() -> Response:
        async def parts() -> AsyncIterator[bytes]:
            yield b"begun"
            raise ValueError("broken midway")

        return Response(parts())

    @app.get("/long")
    async def too_long() -> Response:
        return Response(five(), headers={"content-length": "3"})

    @app.get("/short")
    async def too_short() -> Response:
        return Response(five(), headers={"content-length": "9"})

    @app.get("/endless")
    async def endless() -> Response:
        async def parts() -> AsyncIterator[bytes]:
            while True:
                yield b"x" * 65536

        return Response(parts())

    return app


@asynccontextmanager
async def serving(app: QuartTrio) -> AsyncIterator[int]:
    """Another application at the same door; its port."""
    house = House(limits=Limits(stall_s=0.3, linger_s=0.3, grace_s=0.3))
    [listener] = listen("127.0.0.1", [0])
    http = HttpSide(app, house.door)
    gateway = Gateway(house.door)
    front = Front(house.door, gateway, http)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(gateway.run)
        await nursery.start(http.run)
        nursery.start_soon(front.accept, listener, nursery)
        yield address(listener)[1]
        nursery.cancel_scope.cancel()
    listener.close()


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        (
            "/midway",
            b"5\r\nbegun\r\n",
        ),  # and no last chunk: the client knows it is not whole
        ("/long", b""),
        ("/short", b"12345"),
    ],
)
async def test_a_handler_that_fails_midway_closes_its_connection_only(
    path: str, seen: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(broken_app()) as port, connected(port) as polite:
        await polite.send(b"GET /well HTTP/1.1\r\nHost: x\r\n\r\n")
        await polite.head()
        await trio.testing.wait_all_tasks_blocked(0.01)
        before = counted()
        async with connected(port) as raw:
            await raw.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            head = await raw.head()
            with trio.fail_after(10):
                rest = await raw.rest()
        await polite.send(b"GET /well HTTP/1.1\r\nHost: x\r\n\r\n")
        assert "HTTP/1.1 200" in await polite.head()
        with trio.fail_after(10):
            while counted() != before:
                await trio.testing.wait_all_tasks_blocked(0.01)

    assert head.startswith("HTTP/1.1 200")
    assert rest == seen
    assert [r.name for r in caplog.records if r.levelno == logging.ERROR] == [
        "web.http_side"
    ]


async def test_an_endless_answer_ends_with_its_client() -> None:
    async with serving(broken_app()) as port:
        await trio.testing.wait_all_tasks_blocked(0.01)
        before = counted()
        async with connected(port) as raw:
            await raw.send(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
            await raw.exactly(MEGABYTE)
        with trio.fail_after(10):
            while counted() != before:
                await trio.testing.wait_all_tasks_blocked(0.01)


async def test_the_answer_to_a_head_request_that_is_refused_has_no_body() -> None:
    async with scene(linger_s=0.2) as seen, seen.hostile() as raw:
        await raw.send(b"HEAD ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = await raw.rest()

    assert status_of(answer) == 400
    assert answer.endswith(b"\r\n\r\n")


def test_refusals_bear_the_usual_envelope() -> None:
    async def run() -> bytes:
        async with scene(linger_s=0.2) as seen, seen.hostile() as raw:
            await raw.send(b"GET / HTTP/3.0\r\nHost: x\r\n\r\n")
            return await raw.rest()

    _, _, body = trio.run(run).partition(b"\r\n\r\n")
    assert json.loads(body)["message"] == "this server speaks HTTP/1.1"
