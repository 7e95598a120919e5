"""Who watches what."""

from tests.web.stand_ins import made
from web.clients import Client
from web.topics import ENDED_LIMIT, Topics


def client() -> Client:
    return Client(send=len, end=lambda _reason, _within: None, fd=3)


def test_a_joiner_who_leaves_is_gone() -> None:
    topics, one = Topics(), client()
    assert topics.join(("a", "json"), one, None) == []
    assert topics.clients(("a", "json")) == (one,)
    assert topics.leave(("a", "json"), one)
    assert not topics.leave(("a", "json"), one)
    assert topics.watched() == []


def test_the_end_of_one_form_forgets_the_others_that_nobody_watches() -> None:
    topics, one = Topics(), client()
    topics.take(made("a", 1, b"binary", kind="binary"))
    topics.take(made("a", 1, b"signals", kind="signals"))
    topics.join(("a", "signals"), one, None)
    topics.take(made("a", 1, b"bye", control=True, last=True))

    assert topics.close(("a", "json")) == ()
    assert topics.watched() == [("a", "signals")]
    assert topics.join(("a", "binary"), client(), None) == []
    assert topics.last_word(("a", "json")) == b"\x81\x03bye"


def test_last_words_are_bounded() -> None:
    topics = Topics()
    for number in range(ENDED_LIMIT + 1):
        topics.take(made(f"{number}", 1, b"bye", control=True, last=True))
    assert topics.last_word(("0", "json")) is None
    assert topics.last_word(("1", "json"))


def test_a_status_that_everyone_has_is_not_sent_again() -> None:
    topics = Topics()
    first = topics.take(made("a", 1, b"frozen", control=True))
    assert first is not None
    assert topics.take(made("a", 7, b"frozen", control=True)) is None
    assert topics.take(made("a", 7, b"frozen", control=True, kind="binary")) == first
    assert topics.take(made("a", 8, b"streaming", control=True)) is not None
    assert topics.take(made("a", 9, b"frozen", control=True)) == first
    assert topics.take(made("a", 9, b"frozen", control=True, last=True)) == first
    assert topics.join(("a", "json"), client(), None) == [first]
