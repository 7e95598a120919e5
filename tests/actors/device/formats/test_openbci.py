from pathlib import Path

import numpy as np
import pytest

from actors.device.formats.openbci import load_openbci
from actors.device.recording import Loss
from protocols.errors import RecordingError
from tests.actors.device.makers import waves, write_openbci


def test_samples_names_and_rate_come_back(tmp_path: Path) -> None:
    uv = waves(3)

    found = load_openbci(write_openbci(tmp_path / "a.txt", uv))

    assert found.sfreq == 250.0
    assert found.ch_names == ("EXG Channel 0", "EXG Channel 1", "EXG Channel 2")
    assert found.lost == ()
    np.testing.assert_allclose(found.uv, uv, atol=1e-4)


def test_a_jump_of_the_sample_index_is_a_loss_also_where_it_wraps(tmp_path: Path) -> None:
    index = [n % 256 for n in range(1100) if not (100 <= n < 130 or 500 <= n < 520)]

    found = load_openbci(
        write_openbci(tmp_path / "a.txt", waves()[:, : len(index)], index=index[:1000])
    )

    assert found.lost == (Loss(column=100, samples=30), Loss(column=470, samples=20))


def test_an_index_that_does_not_count_tells_nothing(tmp_path: Path) -> None:
    index = np.random.default_rng(0).integers(0, 256, 1000).tolist()

    assert load_openbci(write_openbci(tmp_path / "a.txt", waves(), index=index)).lost == ()


def test_the_header_of_version_four_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    rows = "\n".join(f"{n % 256}, {n}.5, -{n}.25, 0.0, 12:00:00.000" for n in range(500))
    file.write_text(
        "%OpenBCI Raw EEG Data\n%\n%Sample Rate = 250.0 Hz\n%First Column = SampleIndex\n"
        f"%Number of channels = 2\n{rows}\n"
    )

    found = load_openbci(file)

    assert found.ch_names == ("EXG Channel 0", "EXG Channel 1")
    assert found.uv[:, 3].tolist() == [3.5, -3.25]


def test_a_broken_line_is_named_by_its_number(tmp_path: Path) -> None:
    file = write_openbci(tmp_path / "a.txt", waves())
    lines = file.read_text().splitlines()
    lines[41] = "37, rubbish"
    file.write_text("\n".join(lines))

    with pytest.raises(RecordingError, match=r"a\.txt, line 42: .*rubbish"):
        load_openbci(file)


def test_a_last_line_that_breaks_off_is_left_out(tmp_path: Path) -> None:
    file = write_openbci(tmp_path / "a.txt", waves())
    file.write_text(file.read_text() + "232, 12.")

    assert load_openbci(file).uv.shape == (2, 1000)


def test_a_header_without_a_rate_is_refused(tmp_path: Path) -> None:
    file = write_openbci(tmp_path / "a.txt", waves())
    file.write_text(file.read_text().replace("%Sample Rate", "%Simple Rate"))

    with pytest.raises(RecordingError, match="names no sample rate"):
        load_openbci(file)


def test_a_file_of_nothing_but_a_header_is_refused(tmp_path: Path) -> None:
    file = write_openbci(tmp_path / "a.txt", waves()[:, :0])

    with pytest.raises(RecordingError, match="no sample in it"):
        load_openbci(file)
