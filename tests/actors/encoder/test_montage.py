"""Names of channels, and where they are."""

import pytest

from actors.encoder.montage import (
    CELLS,
    cell,
    cell_members,
    electrode,
    frontal_pairs,
    on_the_scalp,
)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Fp1", "FP1"),
        ("fp2", "FP2"),
        ("EEG Fp1-REF", "FP1"),
        ("EEG F3", "F3"),
        ("EEG T3", "T7"),
        ("T6-LE", "P8"),
        ("Cz", "CZ"),
        ("TP10", "TP10"),
        ("C3-A2", "C3"),
        ("EEG A2-A1", ""),
        ("Fp1-F7", ""),
        ("Right AUX", ""),
        ("EXG Channel 3", ""),
        ("CH1", ""),
        ("ECG", ""),
        ("", ""),
    ],
)
def test_a_name_gives_its_place(name: str, place: str) -> None:
    assert electrode(name) == place


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("AF7", ("frontal", "left")),
        ("Fz", ("frontal", "middle")),
        ("FC2", ("central", "right")),
        ("C3", ("central", "left")),
        ("TP10", ("temporal", "right")),
        ("T5", ("parietal", "left")),
        ("CPz", ("parietal", "middle")),
        ("PO8", ("occipital", "right")),
        ("O1", ("occipital", "left")),
        ("ch1", None),
    ],
)
def test_a_place_is_in_a_cell(name: str, where: tuple[str, str] | None) -> None:
    assert cell(name) == where


def test_a_headbands_pair_is_found_whatever_its_order_and_case() -> None:
    assert frontal_pairs(("TP9", "AF8", "af7", "TP10")) == [(2, 1)]
    assert frontal_pairs(("EEG Fp1", "EEG Fp2", "EEG F3", "EEG F4")) == [(2, 3), (0, 1)]
    assert frontal_pairs(("F3", "C3", "C4")) == []


def test_every_placed_channel_is_in_one_cell() -> None:
    members = cell_members(("Fp1", "T3", "Oz", "AUX"))

    assert members.shape == (len(CELLS), 4)
    assert members.sum(axis=0).tolist() == [1, 1, 1, 0]


def test_what_is_not_the_scalp_is_left_out_unless_nothing_is_named() -> None:
    assert on_the_scalp(("C3", "EEG A2-A1")).tolist() == [True, False]
    assert on_the_scalp(("EXG Channel 0", "EXG Channel 1")).tolist() == [True, True]
