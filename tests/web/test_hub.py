"""The crossing from threads to Trio."""

import threading

import trio

from tests.web.stand_ins import made
from web.hub import CONTROL_LIMIT, SOUND_LIMIT, Hub


async def test_of_pictures_the_newest_and_of_controls_all_cross() -> None:
    hub = Hub()
    hub.attach()
    for sequence in (1, 2, 3):
        hub.tell(made("a", sequence, b"picture"))
        hub.tell(made("a", sequence, b"status", control=True))
        hub.tell(made("b", sequence, b"picture", kind="binary"))

    taken = await hub.take()
    assert [(f.topic, f.control, f.sequence) for f in taken] == [
        ("a", True, 1),
        ("a", True, 2),
        ("a", False, 3),
        ("a", True, 3),
        ("b", False, 3),
    ]
    assert hub.count_superseded() == 4
    assert hub.count_superseded() == 0


async def test_of_sound_every_frame_crosses_up_to_a_second() -> None:
    hub = Hub()
    hub.attach()
    for sequence in range(1, SOUND_LIMIT + 3):
        hub.tell(made("a", sequence, b"sound", kind="audio"))
    hub.tell(made("b", 1, b"sound", kind="audio"))
    hub.tell(made("b", 1, b"picture"))

    taken = [(frame.topic, frame.sequence) for frame in await hub.take()]
    assert taken == [("b", 1), *(("a", n) for n in range(3, SOUND_LIMIT + 3)), ("b", 1)]
    assert hub.count_superseded() == 2


async def test_frames_of_many_threads_arrive() -> None:
    hub = Hub()
    hub.attach()

    def tell(topic: str) -> None:
        for sequence in range(500):
            hub.tell(made(topic, sequence, b"x"))

    threads = [threading.Thread(target=tell, args=(f"{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    last: dict[str, int] = {}
    with trio.fail_after(20):
        while list(last.values()) != [499] * 4:
            for frame in await hub.take():
                assert last.get(frame.topic, -1) < frame.sequence
                last[frame.topic] = frame.sequence
    for thread in threads:
        thread.join()


async def test_what_was_told_before_the_run_is_there_at_its_beginning() -> None:
    hub = Hub()
    hub.tell(made("a", 1, b"early"))
    hub.attach()
    assert [frame.payload for frame in await hub.take()] == [b"early"]


def test_telling_after_the_run_is_no_error() -> None:
    hub = Hub()

    async def run() -> None:
        hub.attach()
        await hub.take()

    hub.tell(made("a", 1, b"x"))
    trio.run(run)
    hub.tell(made("a", 2, b"x"))
    hub.tell(made("a", 3, b"x"))
    assert hub.count_superseded() == 1


async def test_controls_are_bounded() -> None:
    hub = Hub()
    hub.attach()
    for sequence in range(CONTROL_LIMIT + 5):
        hub.tell(made("a", sequence, b"x", control=True))
    assert len(await hub.take()) == CONTROL_LIMIT
    assert hub.count_superseded() == 5
