import pytest

from config.where import line_of

TEXT = """\
# a comment
[web]
host = "a"

origins = [
  "b",  # port = 3
  "c",
]
port = 1  # the one
[ device ]
"speed" = 2.0
note = '''
mains_hz = 50
'''
mains_hz = 60
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("web",), 2),
        (("web", "host"), 3),
        (("web", "origins"), 5),
        (("web", "port"), 9),
        (("device",), 10),
        (("device", "speed"), 11),
        (("device", "note"), 12),
        (("device", "mains_hz"), 15),
    ],
)
def test_a_key_is_found_on_the_line_that_sets_it(path: tuple[str, ...], line: int) -> None:
    assert line_of(TEXT, path) == line


def test_a_dotted_key_is_found() -> None:
    assert line_of("\nweb.port = 1\nweb.host = 'a'\n", ("web", "host")) == 3


def test_a_key_of_an_inline_table_is_found_on_its_line() -> None:
    assert line_of("\nweb = {port = 1}\n", ("web", "port")) == 2


def test_a_key_that_is_nowhere_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"web\.nothing"):
        line_of(TEXT, ("web", "nothing"))
