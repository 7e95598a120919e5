"""The page's modules by themselves, in the browser that runs them."""

import struct
from collections.abc import Iterator

import msgpack
import pytest
from playwright.sync_api import Browser, Page

from tests.pages.chromium import clean_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RING = """async pushes => {
  const { Ring } = await import("/static/live/ring.js");
  const ring = new Ring(1, 6);
  for (const [first, uv] of pushes) ring.push(first, [uv], [uv.map(v => -v)]);
  const [raw, clean] = ["raw", "clean"].map(kind => ring.read(kind, 0, uv => uv));
  return { end: ring.end, raw, clean };
}"""


@pytest.fixture(scope="module")
def blank(browser: Browser, stand_in: str) -> Iterator[Page]:
    with clean_page(browser) as page:
        page.goto(f"{stand_in}/live")
        yield page


def test_a_frame_is_read_as_the_server_wrote_it(blank: Page) -> None:
    head = {
        "type": "image",
        "sequence": 70_000,
        "timestamp": 1.5,
        "latency_ms": {"total": 12.25},
        "metadata": {
            "format": "jpeg",
            "driven": True,
            "known_words": ["mér", "海"],
            "seed": -3,
        },
    }
    packed = msgpack.packb(head)
    message = struct.pack(">I", len(packed)) + packed + b"\xff\xd8picture"
    read = blank.evaluate(
        """async bytes => {
          const { readFrame } = await import("/static/live/frames.js");
          const { head, picture } = readFrame(new Uint8Array(bytes).buffer);
          const back = new Uint8Array(await picture.arrayBuffer());
          return { head, type: picture.type, bytes: [...back] };
        }""",
        list(message),
    )
    assert read == {"head": head, "type": "image/jpeg", "bytes": list(b"\xff\xd8picture")}


def test_the_ring_keeps_the_newest_samples_in_order(blank: Page) -> None:
    kept = blank.evaluate(RING, [[0, [1, 2, 3, 4]], [4, [5, 6, 7, 8]]])
    assert kept == {"end": 8, "raw": [3, 4, 5, 6, 7, 8], "clean": [-3, -4, -5, -6, -7, -8]}


def test_lost_samples_are_a_gap_in_the_ring(blank: Page) -> None:
    kept = blank.evaluate(RING, [[0, [1, 2, 3]], [5, [6]]])
    assert kept["raw"] == [1, 2, 3, None, None, 6]


def test_a_signal_that_is_opened_anew_forgets_the_past(blank: Page) -> None:
    kept = blank.evaluate(RING, [[100, [1, 2, 3]], [0, [9]]])
    assert kept == {
        "end": 1,
        "raw": [None] * 5 + [9],
        "clean": [None] * 5 + [-9],
    }


def test_a_long_silence_leaves_only_a_gap_in_the_ring(blank: Page) -> None:
    kept = blank.evaluate(RING, [[0, [1, 2, 3]], [1_000_000, [4]]])
    assert kept["raw"] == [None] * 5 + [4]


def test_trying_again_waits_twice_as_long_each_time_and_never_over_eight_seconds(
    blank: Page,
) -> None:
    waits = blank.evaluate(
        """async () => {
          const { wait } = await import("/static/live/backoff.js");
          return [1, 2, 3, 6, 50].map(n => [wait(n, 0), wait(n, 1)]);
        }"""
    )
    assert waits == [[125, 250], [250, 500], [500, 1000], [4000, 8000], [4000, 8000]]
