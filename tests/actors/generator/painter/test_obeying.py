"""The picture shows what the prompt says, measured on its pixels."""

import numpy as np
import pytest

from actors.generator.painter.compose import compose
from actors.generator.painter.scene import Look
from tests.actors.generator.painter.easel import (
    Figures,
    colours,
    distance,
    light,
    painted,
    redness,
    wish,
)


def test_a_red_sun_is_redder_than_a_blue_moon() -> None:
    assert redness(colours("red sun")) > 0.1 + redness(colours("blue moon at night"))


def test_a_red_sun_stands_in_the_sky_as_a_red_disc() -> None:
    trait = Look(compose(wish("red sun over the sea"))).trait
    picture = colours("red sun over the sea")
    row, column = int((1 - trait.sun_up) * 96), int((trait.sun_x + 0.5) * 96)
    red, green, blue = picture[row, column]

    assert red > 0.8
    assert max(green, blue) < 0.6


def test_night_is_darker_than_noon() -> None:
    noon, night = painted("hills at noon").pixels, painted("hills at night").pixels
    assert light(noon).mean() > 4 * light(night).mean()


def test_hours_go_dark_in_their_order() -> None:
    hours = ("noon", "sunset", "twilight", "midnight")
    lights = [light(painted(f"mountains at {hour}").pixels).mean() for hour in hours]
    assert lights == sorted(lights, reverse=True)


def mirrored(prompt: str) -> float:
    """Say how alike what is below the horizon is to what is above it, -1 to 1."""
    picture = light(painted(prompt, width=128, height=128).pixels)
    waterline = round((1 - Look(compose(wish(prompt))).trait.horizon) * 128)
    below = picture[waterline + 1 :]
    above = picture[waterline - 1 - len(below) : waterline - 1][::-1]
    return float(np.corrcoef(below.ravel(), above.ravel())[0, 1])


def test_a_lake_mirrors_what_stands_above_it() -> None:
    assert mirrored("calm lake under mountains at noon") > 0.75
    assert mirrored("mountains at noon") < 0.5


def test_winter_is_bluer_and_whiter_than_autumn() -> None:
    winter = colours("forest in winter")[48:].mean((0, 1))
    autumn = colours("forest in autumn")[48:].mean((0, 1))

    assert winter[2] > winter[0]
    assert autumn[0] > autumn[2]


def test_spring_is_greener_than_autumn() -> None:
    spring = colours("meadow in spring")[60:].mean((0, 1))
    autumn = colours("meadow in autumn")[60:].mean((0, 1))
    assert spring[1] - spring[0] > autumn[1] - autumn[0]


def test_fire_is_red_and_yellow_and_bright_against_the_night() -> None:
    fire = colours("fire")
    assert redness(fire) > 0.25
    assert fire.max() > 0.9


def test_stars_are_many_small_lights_and_a_negative_prompt_takes_them_away() -> None:
    starry = light(painted("stars at night").pixels)[:60]
    without = light(painted("stars at night", negative_prompt="stars").pixels)[:60]
    assert (starry > 0.15).sum() > 10 + 3 * (without > 0.15).sum()


@pytest.mark.parametrize("denial", ["no clouds", "without clouds", "never any clouds"])
def test_what_the_prompt_denies_is_not_drawn(denial: str) -> None:
    assert Look(compose(wish(f"sunny hills, {denial}"))).weight["clouds"] == 0


def test_a_negative_prompt_takes_away_what_the_prompt_implies() -> None:
    assert Look(compose(wish("night"))).weight["stars"] > 0
    assert Look(compose(wish("night", negative_prompt="stars"))).weight["stars"] == 0


def test_a_colour_before_a_thing_colours_the_thing() -> None:
    violet = colours("violet flowers in a meadow")[50:]
    plain = colours("poppies in a meadow")[50:]
    shares = [(p[..., 2] > p[..., 1] + 0.1).mean() for p in (violet, plain)]
    assert shares[0] > 5 * shares[1]


def test_free_colours_lead_the_picture() -> None:
    sky = colours("calm ocean, violet and indigo light")[:40].mean((0, 1))
    assert sky[2] > sky[1] * 1.15
    assert sky[0] > sky[1]


def test_a_palette_leads_the_picture() -> None:
    green = colours("mountains", palette=((0.05, 0.6, 0.2),)).mean((0, 1))
    red = colours("mountains", palette=((0.8, 0.1, 0.05),)).mean((0, 1))
    assert green[1] - green[0] > 0.1 + red[1] - red[0]


def test_pleasant_is_warmer_than_gloomy() -> None:
    pleasant = colours("hills", valence=1.0).mean((0, 1))
    gloomy = colours("hills", valence=-1.0).mean((0, 1))
    assert pleasant[0] - pleasant[2] > gloomy[0] - gloomy[2]


def test_excited_has_more_contrast_than_calm() -> None:
    excited = light(painted("mountains", arousal=1.0).pixels).std()
    assert excited > light(painted("mountains", arousal=-1.0).pixels).std()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sea", "ocean"),
        ("woods", "forest"),
        ("daybreak", "sunrise"),
        ("flames", "fire"),
        ("peaks", "mountains"),
        ("foggy", "mist"),
        ("crimson sun", "scarlet sun"),
        ("northern lights", "aurora"),
    ],
)
def test_synonyms_are_one_picture(one: str, other: str) -> None:
    assert np.array_equal(painted(one).pixels, painted(other).pixels)


def test_words_of_one_text_pull_its_abstract_picture_near() -> None:
    blind, near, far = (
        painted(text).pixels for text in ("qwrt plok zumb", "qwrt plok zumb drel", "xyvva")
    )
    assert distance(blind, near) > 1
    assert distance(blind, near) < distance(blind, far)


@pytest.mark.parametrize(
    "text", ["zxcvb", "neural_embedding", "der Wald schweigt", "", "42"]
)
def test_what_nobody_understands_is_still_a_picture(text: str) -> None:
    picture = painted(text)
    assert picture.known_words == ()
    assert picture.pixels.std() > 12


def test_unknown_words_look_different() -> None:
    pictures = [painted(text).pixels for text in ("zxcvb", "neural_embedding", "gnarp")]
    for at in range(3):
        assert distance(pictures[at], pictures[at - 1]) > 15


def test_without_guidance_the_picture_is_free() -> None:
    strict = painted("mountains", guidance_scale=12.0)
    free = painted("mountains", guidance_scale=0.0)
    assert distance(strict.pixels, free.pixels) > 20
    assert free.known_words == ()
    assert strict.known_words == ("mountains",)


def test_strict_guidance_fills_the_colours() -> None:
    def fill(guidance: float) -> float:
        picture = colours("red sun over the sea", guidance_scale=guidance)
        return float((picture.max(-1) - picture.min(-1)).mean())

    assert fill(15.0) > fill(7.0) + 0.02


def peaks(picture: Figures) -> int:
    """Count pixels much brighter than what is two pixels from them."""
    around = [np.roll(picture, step, axis) for step in (-2, 2) for axis in (0, 1)]
    return int((picture > np.maximum.reduce(around) + 0.05).sum())


def test_more_steps_are_more_work_on_the_picture() -> None:
    rough, fine = (painted("milky way", steps=n, width=192, height=192) for n in (2, 50))
    assert (rough.effective_steps, fine.effective_steps) == (2, 50)
    assert peaks(light(fine.pixels)) > 1.5 * peaks(light(rough.pixels))


def test_a_seed_places_things_anew() -> None:
    one, other = painted("mountains", seed=1).pixels, painted("mountains", seed=2).pixels
    assert distance(one, other) > 4
