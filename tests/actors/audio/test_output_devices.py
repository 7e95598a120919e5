"""Which device is meant."""

import pytest

from actors.audio.output_devices import Device, OutputError, find


def device(number: int, name: str, host: str = "ALSA", *, default: bool = False) -> Device:
    return Device(
        number=number, name=name, host=host, channels=2, rate_hz=44_100.0, default=default
    )


DEVICES = [
    device(0, "Speakers"),
    device(3, "USB Audio: bowl (hw:1,0)"),
    device(4, "USB Audio: hall (hw:2,0)", default=True),
    device(7, "Speakers", "JACK"),
    device(8, "default"),
    device(9, "4"),
]


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        ("USB Audio: bowl (hw:1,0)", 3),
        ("usb audio: BOWL (HW:1,0)", 3),
        ("bowl", 3),
        (" hall ", 4),
        ("3", 3),
        ("4", 9),
        ("speakers", 0),
    ],
)
def test_a_device_is_found(wanted: str, number: int) -> None:
    assert find(DEVICES, wanted).number == number


def test_the_default_is_a_device_of_that_name_or_else_the_systems_own() -> None:
    assert find(DEVICES, "default").number == 8
    assert find(DEVICES[:4], "Default").number == 4


def test_a_part_of_two_names_is_refused_with_both() -> None:
    with pytest.raises(OutputError, match=r"more than one name.*bowl.*hall"):
        find(DEVICES, "usb")


@pytest.mark.parametrize("wanted", ["organ", "11", "   "])
def test_a_wrong_name_is_refused_with_all_names(wanted: str) -> None:
    with pytest.raises(OutputError, match=r"there is no output .* 0 'Speakers' \(ALSA\)"):
        find(DEVICES, wanted)


def test_where_there_is_no_device_at_all_that_is_said() -> None:
    with pytest.raises(OutputError, match="there are: none"):
        find([], "default")
