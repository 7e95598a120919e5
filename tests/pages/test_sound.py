"""The live page's sound: begun by a hand, heard, muted, lost and found, and ended."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.pages.chromium import DESK, PHONE, clean_page
from tests.pages.sitting import begin, happen, state

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SEAM = """async () => {
  const sfreq = 44100, count = 4410, blocks = 6;
  const { Plan } = await import("/static/live/sound_plan.js");
  const context = new OfflineAudioContext(1, sfreq, sfreq);
  const plan = new Plan();
  const tone = i => Math.sin(2 * Math.PI * 441.3 * i / sfreq);
  for (let n = 0; n < blocks; n += 1) {
    const { start } = plan.place(987_654_321 + n * count, count, sfreq, n * count / sfreq);
    const buffer = context.createBuffer(1, count, sfreq);
    const side = Float32Array.from({ length: count }, (_, i) => tone(n * count + i));
    buffer.copyToChannel(side, 0);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    source.start(start);
  }
  const heard = (await context.startRendering()).getChannelData(0);
  const first = heard.findIndex(value => value !== 0) - 1;
  let worst = 0;
  for (let i = 0; i < blocks * count; i += 1) {
    worst = Math.max(worst, Math.abs(heard[first + i] - tone(i)));
  }
  return { first: first / sfreq, worst };
}"""

PLACES = """async blocks => {
  const { Plan } = await import("/static/live/sound_plan.js");
  const plan = new Plan();
  return blocks.map(([first, now]) => {
    const place = plan.place(first, 100, 1000, now);
    return place && [Math.round(1000 * place.start), place.joins];
  });
}"""


@pytest.fixture
def sitting(page: Page, stand_in: str) -> Page:
    """A sitting that is seen and not heard."""
    begin(page, stand_in)
    return page


@pytest.fixture(scope="module")
def blank(browser: Browser, stand_in: str) -> Iterator[Page]:
    with clean_page(browser) as page:
        page.goto(f"{stand_in}/live")
        yield page


def button(page: Page) -> Locator:
    return page.get_by_role("button", name="Sound", exact=True)


def is_in(page: Page, word: str) -> None:
    """Wait until the sound is in that state."""
    expect(button(page)).to_have_attribute("data-state", word)


def is_heard(page: Page, *, heard: bool = True) -> None:
    """Wait until the level of what goes out, measured in the page, says so."""
    said = str(heard).lower()
    expect(page.locator("#sound-row")).to_have_attribute("data-heard", said)


def test_nothing_sounds_until_somebody_asks(sitting: Page) -> None:
    is_in(sitting, "off")
    expect(sitting.locator("#sound-row")).to_be_hidden()


def test_the_button_switches_the_sound_on_and_off(sitting: Page) -> None:
    button(sitting).click()
    is_in(sitting, "playing")
    is_heard(sitting)
    expect(button(sitting)).to_have_attribute("aria-pressed", "true")
    expect(sitting.locator("#sound-word")).to_have_text("Playing")
    expect(sitting.locator("#latency-note")).to_contain_text(re.compile(r"sound \d+ ms"))
    with sitting.expect_request(
        lambda asked: asked.url.endswith("/sound") and asked.post_data == '{"sound":false}'
    ):
        button(sitting).click()
    is_in(sitting, "off")
    is_heard(sitting, heard=False)
    expect(sitting.locator("#sound-row")).to_be_hidden()


def test_keys_do_the_same(sitting: Page) -> None:
    sitting.keyboard.press("s")
    is_in(sitting, "playing")
    is_heard(sitting)
    sitting.keyboard.press("m")
    expect(sitting.get_by_role("button", name="Mute")).to_have_attribute(
        "aria-pressed", "true"
    )
    is_heard(sitting, heard=False)
    sitting.keyboard.press("m")
    is_heard(sitting)
    sitting.keyboard.press("s")
    is_in(sitting, "off")


def test_the_volume_is_a_slider_and_is_kept(sitting: Page) -> None:
    button(sitting).click()
    is_heard(sitting)
    sitting.get_by_label("Volume").fill("0")
    is_heard(sitting, heard=False)
    sitting.reload()
    expect(sitting.locator("#sound-volume")).to_have_value("0")


def test_a_gap_is_waited_out_and_the_sound_comes_back(sitting: Page) -> None:
    button(sitting).click()
    is_in(sitting, "playing")
    happen(sitting, "hush")
    is_in(sitting, "buffering")
    is_in(sitting, "playing")
    is_heard(sitting)


def test_a_session_that_ends_is_heard_no_more(sitting: Page) -> None:
    button(sitting).click()
    is_in(sitting, "playing")
    sitting.get_by_role("button", name="End", exact=True).click()
    state(sitting, "Ended")
    is_in(sitting, "off")
    expect(button(sitting)).to_be_disabled()


@pytest.mark.parametrize("viewport", [PHONE, DESK])
def test_the_sound_has_its_place_on_any_screen(
    browser: Browser, stand_in: str, viewport: ViewportSize, tmp_path: Path
) -> None:
    with clean_page(browser, viewport=viewport) as page:
        begin(page, stand_in)
        button(page).click()
        is_in(page, "playing")
        assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
        expect(page.get_by_label("Volume")).to_be_visible()
        (tmp_path / "sound.png").write_bytes(page.screenshot())


def test_blocks_that_follow_one_another_have_no_seam(blank: Page) -> None:
    made = blank.evaluate(SEAM)
    assert made["first"] == pytest.approx(0.25, abs=0.001)
    assert made["worst"] < 1e-4


def test_a_lost_block_is_a_silence_of_its_length(blank: Page) -> None:
    placed = blank.evaluate(PLACES, [[0, 0], [100, 0.1], [300, 0.3], [400, 0.4]])
    assert placed == [[250, False], [350, True], [550, False], [650, True]]


def test_a_block_that_is_late_begins_the_count_anew(blank: Page) -> None:
    placed = blank.evaluate(PLACES, [[0, 0], [100, 0.5], [200, 0.6]])
    assert placed == [[250, False], [750, False], [850, True]]


@pytest.mark.parametrize("first", [0, 100_000])
def test_a_count_that_jumps_begins_anew_after_what_is_planned(
    blank: Page, first: int
) -> None:
    placed = blank.evaluate(PLACES, [[500, 0], [600, 0.01], [first, 0.02]])
    assert placed[2] == [450, False]


def test_blocks_that_wait_too_long_lose_one_of_them(blank: Page) -> None:
    blocks = [[0, 0], *([100 * n, 0.1 * n - 0.3] for n in range(1, 53))]
    placed = blank.evaluate(PLACES, blocks)
    assert placed.count(None) == 1
    lost = placed.index(None)
    assert placed[lost + 1] == [placed[lost - 1][0] + 100, False]


def test_what_is_no_block_is_passed_over(blank: Page) -> None:
    read = blank.evaluate(
        """async messages => {
          const { readBlock } = await import("/static/live/sound_block.js");
          return messages.map(bytes => readBlock(new Uint8Array(bytes).buffer));
        }""",
        [[], [0] * 30, list(b"PHS1")],
    )
    assert read == [None, None, None]
