"""The guard against flashes, judged by a counter of its own that shares no code with it."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.chromium import clean_page
from tests.pages.sitting import begin, happen, pictures, sequence

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Floats = npt.NDArray[np.float64]
CELLS = 64
ALLOWED_TURNS = 6
"""Three flashes a second are three pairs of opposing changes."""

FADES = """async ([pictures, rate, faded_s]) => {
  const { FlashGuard, mix } = await import("/static/live/flash.js");
  const guard = new FlashGuard();
  let [from, to, share] = [new Float64Array(192), new Float64Array(192), 1];
  const shown = [];
  for (let frame = 0, began = 0, next = 0; next < pictures.length; frame += 1) {
    const now = frame / 60;
    if (now >= next / rate) {
      from = mix(from, to, share);
      to = Float64Array.from({ length: 192 }, (_, i) => pictures[next][i % 3]);
      [share, began] = [0, now];
      next += 1;
    }
    const wanted = Math.max(share, Math.min(1, (now - began) / faded_s));
    share = guard.limit(from, to, share, wanted, now);
    shown.push([now, ...mix(from, to, share).slice(0, 3)]);
  }
  return shown;
}"""
"""Fade through colours at 60 frames a second under the guard, in simulated time."""


@pytest.fixture(scope="module")
def blank(browser: Browser, stand_in: str) -> Iterator[Page]:
    with clean_page(browser) as page:
        page.goto(f"{stand_in}/live")
        yield page


def shown(page: Page, pictures: Sequence[Sequence[int]], *, rate: float) -> Floats:
    """Times and mean colours that are shown for these pictures."""
    rows: list[list[float]] = page.evaluate(FADES, [pictures, rate, 1.15 / rate])
    return np.array(rows)


def luminance(srgb: Floats) -> Floats:
    linear = np.where(
        srgb <= 0.04045 * 255, srgb / 255 / 12.92, ((srgb / 255 + 0.055) / 1.055) ** 2.4
    )
    weighed: Floats = linear @ np.array([0.2126, 0.7152, 0.0722])
    return weighed


def turns(times: Floats, light: Floats, *, by: float = 0.1) -> list[float]:
    """When the light had turned by that much: hysteresis over its extremes."""
    found: list[float] = []
    low = high = light[0]
    rising = True
    for time, level in zip(times.tolist(), light.tolist(), strict=True):
        low, high = min(low, level), max(high, level)
        if rising and high - level >= by:
            rising, low = False, level
            found.append(time)
        elif not rising and level - low >= by:
            rising, high = True, level
            found.append(time)
    return found


def most_within_a_second(times: Sequence[float]) -> int:
    return max((sum(t <= other < t + 1 for other in times) for t in times), default=0)


@pytest.mark.parametrize("rate", [4.0, 10.0, 30.0])
def test_black_and_white_in_turn_never_flash(blank: Page, rate: float) -> None:
    pictures = [[255 * (i % 2)] * 3 for i in range(round(6 * rate))]
    seen = shown(blank, pictures, rate=rate)
    found = turns(seen[:, 0], luminance(seen[:, 1:]))
    assert len(found) > 2  # it does change, slowly
    assert most_within_a_second(found) < ALLOWED_TURNS / 2


@pytest.mark.parametrize("seed", range(4))
def test_no_order_of_colours_flashes(blank: Page, seed: int) -> None:
    pictures = np.random.default_rng(seed).integers(0, 256, (80, 3)).tolist()
    seen = shown(blank, pictures, rate=10)
    assert (
        most_within_a_second(turns(seen[:, 0], luminance(seen[:, 1:]))) < ALLOWED_TURNS / 2
    )


def test_red_that_flashes_without_changing_its_luminance_is_held_too(blank: Page) -> None:
    pictures = [[255, 0, 0] if i % 2 else [0, 148, 0] for i in range(60)]
    seen = shown(blank, pictures, rate=10)
    red = (seen[:, 1] / 255) ** 2.2 - (seen[:, 2] / 255) ** 2.2
    found = turns(seen[:, 0], red.clip(0))
    assert len(found) > 2
    # Another measure of red than the guard's own, so its turns are a little elsewhere.
    assert most_within_a_second(found) <= ALLOWED_TURNS / 2


def test_slow_changes_are_not_held_back(blank: Page) -> None:
    wave = 120 + 100 * np.sin(2 * np.pi * 0.4 * np.arange(60) / 10)
    pictures = [[round(level)] * 3 for level in wave]
    seen = shown(blank, pictures, rate=10)
    last_of_each = seen[5::6, 1][: len(wave) - 1]
    assert np.abs(last_of_each[2:] - wave[2 : len(last_of_each)]).max() < 12


def test_a_server_that_flashes_is_tamed_on_the_real_canvas(
    page: Page, stand_in: str
) -> None:
    begin(page, stand_in)
    happen(page, "flash")
    page.evaluate(WATCH)
    expect(page.get_by_text("fade lengthened")).to_be_visible()
    pictures(page, at_least=sequence(page) + 35)
    samples: list[Any] = page.evaluate("window.samples")
    seen = np.array(samples)
    found = turns(seen[:, 0], luminance(seen[:, 1:]))
    assert len(found) > 1
    # A busy browser samples a frame late, so that a turn may fall into the next second.
    assert most_within_a_second(found) <= ALLOWED_TURNS / 2


WATCH = """() => {
  window.samples = [];
  const picture = document.getElementById("picture");
  const eye = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const look = at => {
    eye.drawImage(picture, 100, 100, 1, 1, 0, 0, 1, 1);
    window.samples.push([at / 1000, ...eye.getImageData(0, 0, 1, 1).data.slice(0, 3)]);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
