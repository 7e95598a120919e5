import pytest

from actors.journal.limits import Limits

SMALL = Limits(file_bytes=1024, files=3, total_bytes=4096)


@pytest.mark.parametrize(
    ("sizes", "surplus"),
    [
        ([], 0),
        ([1024, 1024], 0),
        ([1024, 1024, 1024], 1),
        ([10, 10, 10, 10], 2),
        ([3072], 0),
        ([3072, 10], 1),
        ([3073], 1),
        ([3000, 3000], 1),
    ],
)
def test_the_oldest_go_until_another_file_is_within_the_limits(
    sizes: list[int], surplus: int
) -> None:
    assert SMALL.surplus(sizes) == surplus


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [("file_bytes", 1023, 1024), ("files", 1, 2), ("total_bytes", 2047, 2048)],
)
def test_a_limit_that_cannot_be_is_named(field: str, value: int, allowed: int) -> None:
    given = {"file_bytes": 1024, "files": 2, "total_bytes": 2048} | {field: value}

    with pytest.raises(
        ValueError, match=f"{field} is {value}; allowed: {allowed} and above"
    ):
        Limits(**given)
