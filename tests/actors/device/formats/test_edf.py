from pathlib import Path

import numpy as np
import pytest

from actors.device.formats.edf import load_edf
from actors.device.recording import Loss
from protocols.errors import RecordingError
from tests.actors.device.makers import waves, write_edf


@pytest.mark.parametrize("ending", [".edf", ".bdf"])
def test_samples_and_names_come_back(tmp_path: Path, ending: str) -> None:
    uv = waves()

    found = load_edf(write_edf(tmp_path / f"a{ending}", uv))

    assert (found.sfreq, found.ch_names, found.lost) == (250.0, ("Fp1", "Fp2"), ())
    np.testing.assert_allclose(found.uv, uv, atol=2e-3)


@pytest.mark.parametrize(
    ("unit", "scale"), [("uV", 1.0), ("mV", 1e3), ("V", 1e6), ("nV", 1e-3)]
)
def test_all_units_become_microvolts(tmp_path: Path, unit: str, scale: float) -> None:
    uv = waves()

    found = load_edf(write_edf(tmp_path / "a.edf", uv, units=[unit, unit]))

    np.testing.assert_allclose(found.uv, uv * scale, rtol=1e-3, atol=2e-3 * scale)


def test_a_unit_that_is_no_voltage_is_named(tmp_path: Path) -> None:
    file = write_edf(tmp_path / "a.edf", waves(), units=["uV", "degC"])

    with pytest.raises(RecordingError, match=r"EEG Fp2 has the unit 'degC'"):
        load_edf(file)


def test_what_is_not_eeg_is_left_out(tmp_path: Path) -> None:
    labels = ["ECG", "Fc5.", "Resp chest", "Cz-REF", "A2-A1"]
    file = write_edf(tmp_path / "a.edf", waves(5), labels=labels, units=["uV"] * 5)

    assert load_edf(file).ch_names == ("Fc5", "Cz", "A2-A1")


def test_labels_that_say_eeg_outrank_the_rest(tmp_path: Path) -> None:
    labels = ["Chin", "EEG C3-REF", "EEG C4-REF"]
    file = write_edf(tmp_path / "a.edf", waves(3), labels=labels, units=["uV"] * 3)

    assert load_edf(file).ch_names == ("C3", "C4")


def test_a_file_of_nothing_but_an_ecg_gives_the_ecg(tmp_path: Path) -> None:
    file = write_edf(tmp_path / "a.edf", waves(1), labels=["ECG II"], units=["mV"])

    assert load_edf(file).ch_names == ("ECG II",)


def test_no_voltage_at_all_is_refused(tmp_path: Path) -> None:
    file = write_edf(tmp_path / "a.edf", waves(1), labels=["Temp"], units=["degC"])

    with pytest.raises(RecordingError, match="none of its 1 signals is a voltage"):
        load_edf(file)


def test_differing_rates_are_named(tmp_path: Path) -> None:
    from edfio import Edf, EdfSignal  # noqa: PLC0415

    signals = [
        EdfSignal(waves(sfreq=sfreq)[0], sfreq, label="EEG X", physical_dimension="uV")
        for sfreq in (250.0, 500.0)
    ]
    Edf(signals).write(tmp_path / "a.edf")

    with pytest.raises(RecordingError, match="250 Hz, 500 Hz"):
        load_edf(tmp_path / "a.edf")


def test_a_recording_that_breaks_off_plays_up_to_its_last_whole_record(
    tmp_path: Path,
) -> None:
    uv = waves(seconds=8)
    file = write_edf(tmp_path / "a.edf", uv)
    file.write_bytes(file.read_bytes()[:-100])

    found = load_edf(file)

    assert 250 <= found.uv.shape[1] < uv.shape[1]
    np.testing.assert_allclose(found.uv, uv[:, : found.uv.shape[1]], atol=2e-3)


def test_holes_between_the_records_of_edf_plus_d_are_losses(tmp_path: Path) -> None:
    from edfio import Edf, EdfSignal  # noqa: PLC0415

    signal = EdfSignal(waves()[0], 250, label="EEG Cz", physical_dimension="uV")
    Edf([signal], annotations=[], data_record_duration=1).write(tmp_path / "a.edf")
    data = (tmp_path / "a.edf").read_bytes()
    data = data.replace(b"EDF+C", b"EDF+D", 1)
    data = data.replace(b"+2\x14\x14", b"+4\x14\x14").replace(b"+3\x14\x14", b"+5\x14\x14")
    (tmp_path / "a.edf").write_bytes(data)

    assert load_edf(tmp_path / "a.edf").lost == (Loss(column=500, samples=500),)


def test_a_notch_in_the_header_names_the_mains(tmp_path: Path) -> None:
    file = write_edf(tmp_path / "a.edf", waves(), prefiltering="HP:0.1Hz LP:75Hz N:60Hz")

    assert load_edf(file).mains_hz == 60.0


@pytest.mark.parametrize("length", [8, 200, 256, 500, 767])
def test_a_header_that_breaks_off_is_refused(tmp_path: Path, length: int) -> None:
    file = write_edf(tmp_path / "a.edf", waves())
    file.write_bytes(file.read_bytes()[:length])

    with pytest.raises(RecordingError, match=r"a\.edf: broken EDF"):
        load_edf(file)


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_header_is_refused_or_survived(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    file = write_edf(tmp_path / "a.edf", waves())
    data = bytearray(file.read_bytes())
    for at in rng.integers(8, 1024, 6):
        data[at] = rng.integers(0, 256)
    file.write_bytes(bytes(data))

    try:
        found = load_edf(file)
    except RecordingError as error:
        assert str(error).startswith("a.edf")  # noqa: PT017  # either way is right
    else:
        assert np.isfinite(found.uv).all()
