from actors.library.recent import Kept, Recent


def picture(name: str, size: int = 1, *, on_disk: bool = False) -> Kept:
    return Kept(id=name, data=b"x" * size, mime="image/png", sidecar=b"{}", on_disk=on_disk)


def test_the_newest_stay() -> None:
    recent = Recent(most=2, most_bytes=100)

    gone = [kept.id for name in "abc" for kept in recent.add(picture(name))]

    assert gone == ["a"]
    assert recent.get("a") is None
    assert [recent.get(name) is not None for name in "bc"] == [True, True]


def test_large_pictures_push_out_more_than_one() -> None:
    recent = Recent(most=10, most_bytes=100)
    for name in "abc":
        recent.add(picture(name, 30))

    assert [kept.id for kept in recent.add(picture("d", 60))] == ["a", "b"]
    assert len(recent) == 2


def test_what_the_disk_has_not_taken_waits_oldest_first() -> None:
    recent = Recent(most=10, most_bytes=100)
    for name, on_disk in (("a", False), ("b", True), ("c", False)):
        recent.add(picture(name, on_disk=on_disk))

    assert [kept.id for kept in recent.waiting()] == ["a", "c"]
