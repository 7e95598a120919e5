"""`phosphene top`: its lines, its screen, its command."""

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeAlias

import click
import msgspec
import pytest
from rich.console import Console

from protocols.supervision import ChildRow, ChildState, OperatorActed, ProcessStalled
from supervisors.cli_top import top
from supervisors.ops_client import (
    KeyRefusedError,
    NotPhospheneError,
    OpsClient,
    Seen,
    UnreachableError,
    read_address,
)
from supervisors.top import Screen, age, clean, took
from supervisors.top_lines import Line, shortened, tree_lines
from tests.pages.watched_house import READER, WatchedHouse, watched_house
from tests.web.stand_ins import KEY, OPERATOR_KEY

ROOT = Path(__file__).parents[2]
PROGRAM = (
    "import sys; from supervisors.cli_top import top;"
    "sys.exit(top.main(sys.argv[1:], standalone_mode=False))"
)
Run: TypeAlias = Callable[..., str]


@pytest.fixture(scope="module")
def house() -> Iterator[WatchedHouse]:
    with watched_house(30) as opened:
        opened.work(READER)
        opened.crash(READER)
        filters = "root/sessions/houses/sess_2/filters"
        opened.step(filters, state=ChildState.WAITING, reason="no\x1b[2J headset")
        opened.row("root/archive/library", paused=True)
        yield opened


@pytest.fixture
def seen(house: WatchedHouse) -> Seen:
    client = OpsClient(read_address(house.address), OPERATOR_KEY)
    try:
        return client.look(40)
    finally:
        client.close()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command; what it printed."""

    def command(*arguments: str) -> str:
        code = top.main([*arguments], "phosphene top", standalone_mode=False)
        assert code == 0
        return capsys.readouterr().out

    return command


FOLDED, UNFOLDED, PLAIN = (
    partial(Screen, unfold=unfold, plain=plain)
    for unfold, plain in ((False, False), (True, False), (False, True))
)


def shown(
    seen: Seen,
    make: Callable[[], Screen] = FOLDED,
    *,
    width: int = 120,
    height: int | None = None,
    lost: str = "",
) -> str:
    """A screen as text."""
    console = Console(width=width, color_system=None)
    with console.capture() as got:
        console.print(make().show(seen, width, height, lost))
    return got.get()


def row(path: str, state: ChildState = ChildState.RUNNING) -> ChildRow:
    kind = "supervisor" if path in ("root/a", "root/sessions") else "worker"
    return ChildRow(path=path, kind=kind, state=state, life=1, restarts=0, dispatcher="x")


def names(lines: list[Line]) -> list[str]:
    return ["  " * line.level + line.name for line in lines]


# -- lines --------------------------------------------------------------------------------


def test_lines_are_set_in_below_their_supervisors_in_natural_order() -> None:
    rows = [row(f"root/a/w-{n}") for n in (10, 2, 1)] + [row("root/a"), row("root/b")]
    lines = tree_lines(rows, (), unfold=False)
    assert names(lines) == ["a", "  w-1", "  w-2", "  w-10", "b"]


def test_who_has_no_supervisor_in_the_tree_stands_at_its_edge() -> None:
    lines = tree_lines([row("root/x/y/z"), row("root/x")], (), unfold=False)
    assert names(lines) == ["x", "  y/z"]


def test_a_session_is_one_line_that_says_how_its_actors_are(seen: Seen) -> None:
    lines = tree_lines(seen.tree.children, seen.actors.actors, unfold=False)
    told = {line.row.path: line for line in lines}
    assert told["root/sessions/houses"].below == (("waiting", 1), ("running", 149))
    assert "root/sessions/houses/sess_3" not in told  # one of thirty


def test_what_is_in_trouble_is_shown_though_it_is_folded_away(seen: Seen) -> None:
    lines = tree_lines(seen.tree.children, seen.actors.actors, unfold=False)
    assert names(lines)[-7:] == [
        *("  houses", "    sess_2", "      filters", "  manager"),
        *("surroundings", "  analysis", "  metronome"),
    ]


def test_unfolded_every_actor_has_its_line(seen: Seen) -> None:
    lines = tree_lines(seen.tree.children, seen.actors.actors, unfold=True)
    assert len(lines) == len(seen.tree.children) == 198
    assert all(not line.below for line in lines)


def test_where_lines_do_not_fit_those_in_trouble_stay() -> None:
    rows = [row(f"root/w-{n}") for n in range(9)]
    rows.append(row("root/w-9", ChildState.FAILED))
    kept, left_out = shortened(tree_lines(rows, (), unfold=False), 3)
    assert (names(kept), left_out) == (["w-0", "w-1", "w-9"], 7)


# -- screen -------------------------------------------------------------------------------


def test_a_screen_has_the_whole_the_tree_and_what_happened(seen: Seen) -> None:
    lines = shown(seen).splitlines()
    assert lines[0].startswith("Phosphene  up 1 min  journal writing  zombies 0  stalls 1")
    assert lines[0].rstrip().endswith("lost mail 3 (3 vacant)")
    assert [line.split()[0] for line in lines[1:4]] == ["busiest", "deepest", "oldest"]
    assert lines[2].split()[1:] == ["sess_1/reader", "3", "wait"]
    assert lines[3].split()[1:] == ["sess_1/reader", "500", "ms"]
    assert re.search(r"library +‖ paused +10 s +1 +0/10 +0 +- +-", shown(seen))
    happened = lines[lines.index("WHAT HAPPENED") + 1 :]
    assert "filters (life 1) is waiting" in happened[0]
    assert re.match(r"\d\d:13:24 #4<2 +root/.*reader \(life 2\) is up", happened[1])


def test_an_actor_s_line_has_its_figures(seen: Seen) -> None:
    text = shown(seen, UNFOLDED)
    told = next(line for line in text.splitlines() if line.strip().startswith("reader"))
    assert told.split() == [
        *("reader", "●", "running", "10", "s", "2", "1/10"),
        *("3", "500", "ms", "Tick", "250", "ms", "256", "µs/4.1", "ms"),
    ]


@pytest.mark.parametrize("width", [80, 120, 200])
def test_no_line_is_longer_than_the_terminal_is_wide(seen: Seen, width: int) -> None:
    assert max(map(len, shown(seen, width=width).splitlines())) <= width


@pytest.mark.parametrize("height", [24, 30, 50])
def test_no_screen_is_longer_than_the_terminal_is_high(seen: Seen, height: int) -> None:
    lines = shown(seen, UNFOLDED, height=height, lost="it is gone").splitlines()
    assert len(lines) <= height
    assert "more lines do not fit" in "\n".join(lines)


def test_nothing_that_came_steers_the_terminal(seen: Seen) -> None:
    text = shown(seen, width=160)
    assert "waiting no·[2J headset" in text
    assert "\x1b" not in text


def test_a_terminal_without_signs_gets_letters(seen: Seen) -> None:
    text = shown(seen, PLAIN)
    assert "* running" in text
    assert "~ waiting" in text
    assert "= paused" in text


def test_a_drain_and_a_lost_connection_are_said(seen: Seen) -> None:
    state = msgspec.structs.replace(seen.tree.state, draining="streams")
    tree = msgspec.structs.replace(seen.tree, state=state)
    text = shown(msgspec.structs.replace(seen, tree=tree), lost="Connection refused")
    assert "draining: streams" in text
    assert "connection lost, trying again: Connection refused" in text


def test_who_worked_since_the_last_look_is_the_busiest(seen: Seen) -> None:
    def later(path: str, seconds: float) -> Seen:
        actors = tuple(
            msgspec.structs.replace(
                facts,
                handled=msgspec.structs.replace(
                    facts.handled, seconds=facts.handled.seconds + seconds
                ),
            )
            if facts.row.path == path
            else facts
            for facts in seen.actors.actors
        )
        clock = msgspec.structs.replace(seen.actors.clock, now=seen.actors.clock.now + 2.0)
        told = msgspec.structs.replace(seen.actors, actors=actors, clock=clock)
        return msgspec.structs.replace(seen, actors=told)

    screen, console = Screen(unfold=False, plain=False), Console(width=120)
    screen.show(seen, 120, None)
    with console.capture() as got:
        console.print(screen.show(later("root/front", 0.5), 120, None))
    busiest = got.get().splitlines()[1]
    assert busiest.split() == ["busiest", "root/front", "25.0%"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(2.56e-4, "256 µs"), (4.1e-3, "4.1 ms"), (12.0, "12 s"), (float("inf"), "over 67 s")],
)
def test_a_time_is_told_to_two_figures(seconds: float, words: str) -> None:
    assert took(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-3, "0 s"), (59.9, "59 s"), (61, "1 min"), (7_400, "2 h 3 min"), (1e5, "1 d 3 h")],
)
def test_an_age_is_told_in_the_largest_units(seconds: float, words: str) -> None:
    assert age(seconds) == words


def test_text_is_cleaned_to_one_line_of_what_can_be_printed() -> None:
    assert clean("a\tb\n\x1b[31mc\x9b\u202e") == "a b ·[31mc··"


# -- command ------------------------------------------------------------------------------


def test_once_prints_one_screen(run: Run, house: WatchedHouse) -> None:
    text = run("--url", house.address, "--key", OPERATOR_KEY, "--once")
    assert text.startswith("Phosphene  up 1 min")
    assert "↻ 1 waiting" in text
    assert "ended abnormal: DeviceGoneError" in text


def test_without_a_terminal_it_prints_one_screen_too(run: Run, house: WatchedHouse) -> None:
    assert "WHAT HAPPENED" in run("--url", house.address, "--key", OPERATOR_KEY)


def test_the_address_that_serve_prints_is_enough(run: Run, house: WatchedHouse) -> None:
    assert "WHAT HAPPENED" in run("--url", f"{house.address}/live#key={OPERATOR_KEY}")


def test_all_unfolds_everything(run: Run, house: WatchedHouse) -> None:
    text = run("--url", house.address, "--key", OPERATOR_KEY, "--once", "--all")
    assert text.count("semantics") == 30


def test_json_is_what_was_seen(run: Run, house: WatchedHouse) -> None:
    text = run("--url", house.address, "--key", OPERATOR_KEY, "--once", "--json")
    answer = json.loads(text)
    assert len(answer["tree"]["children"]) == len(answer["actors"]["actors"]) == 198
    assert answer["tree"]["state"]["journal"] == "writing"
    assert answer["events"]["entries"][0]["event"]["type"] == "ended"


def test_the_newest_entries_are_shown_of_many(run: Run) -> None:
    with watched_house(0) as house:
        for number in range(300):
            house.tree.note(ProcessStalled(seconds=number))
        house.tree.note(OperatorActed(who="Eve", action="stop", path="x", reason="why"))
        text = run("--url", house.address, "--key", OPERATOR_KEY)
    happened = text[text.index("WHAT HAPPENED") :].splitlines()
    assert len(happened) == 13
    assert happened[1].endswith("Eve orders: stop x: why")


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("key-of-nobody", "the key is not valid"),
        (KEY, "this needs an operator's key"),
        ("clé", "it has letters that no key has"),
        ("", "give --key, or set PHOSPHENE_KEY"),
    ],
)
def test_a_key_that_opens_nothing_ends_with_seven(
    run: Run, house: WatchedHouse, key: str, said: str
) -> None:
    with pytest.raises(KeyRefusedError) as refused:
        run("--url", house.address, "--key", key)
    assert said in refused.value.message
    assert refused.value.exit_code == 7


def test_where_nobody_listens_it_says_so_and_ends_with_six(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # not listening: refused
        port = taken.getsockname()[1]
        with pytest.raises(UnreachableError) as refused:
            run("--url", f"http://127.0.0.1:{port}", "--key", "k")
    assert f"cannot connect to http://127.0.0.1:{port}" in refused.value.message
    assert "phosphene serve" in refused.value.message
    assert refused.value.exit_code == 6


def test_a_host_that_there_is_not_is_named(run: Run) -> None:
    with pytest.raises(
        UnreachableError, match=r"cannot connect to http://nowhere\.invalid"
    ):
        run("--url", "nowhere.invalid", "--key", "k")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"hello": "x"}',
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno",
        b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\xff\xfe\x00\r\n\r\n",
    ],
    ids=["text", "json", "404", "401", "302", "ssh", "noise"],
)
def test_who_is_no_phosphene_server_is_told_apart(run: Run, answer: bytes) -> None:
    with answering(answer) as url, pytest.raises(NotPhospheneError) as refused:
        run("--url", url, "--key", "k")
    assert url in refused.value.message
    assert refused.value.exit_code == 8


def test_a_server_that_cannot_answer_now_is_not_taken_for_another(run: Run) -> None:
    body = b'{"error": {"code": "UNAVAILABLE", "message": "it is starting"}}'
    head = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: %d\r\n\r\n" % len(body)
    with (
        answering(head + body) as url,
        pytest.raises(UnreachableError, match="cannot answer now: it is starting"),
    ):
        run("--url", url, "--key", "k")


@pytest.mark.parametrize("url", ["ftp://x", "http://", "http://x:port", "http://[::1", ""])
def test_what_is_no_address_is_refused_with_an_example(run: Run, url: str) -> None:
    with pytest.raises(click.BadParameter, match=r"write http://127\.0\.0\.1:8008"):
        run("--url", url, "--key", "k")


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("studio", "http://studio:80"),
        ("studio:8008", "http://studio:8008"),
        ("https://studio/ops", "https://studio:443"),
        ("http://[::1]:9/live#key=k", "http://[::1]:9"),
        ("https://x.org/phosphene/", "https://x.org:443/phosphene"),
    ],
)
def test_an_address_may_be_short(url: str, read: str) -> None:
    assert str(read_address(url)) == read


@pytest.mark.slow
@pytest.mark.parametrize(("setting", "colours"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_in_a_terminal_it_watches_until_ctrl_c(
    house: WatchedHouse, setting: dict[str, str], *, colours: bool
) -> None:
    with in_terminal(house, setting) as (process, screen):
        wrote = screen("WHAT HAPPENED")
        house.tree.note(ProcessStalled(seconds=4.25))
        wrote += screen("the whole process stood still for 4.25 s")
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        wrote += screen("")
    assert "\x1b[?1049h" in wrote  # a screen of its own
    assert "\x1b[?1049l" in wrote  # and the terminal as it was
    assert bool(re.search(r"\x1b\[(\d+;)*3\d[;m]", wrote)) == colours


@contextmanager
def in_terminal(
    house: WatchedHouse, setting: dict[str, str]
) -> Iterator[tuple[subprocess.Popen[bytes], Callable[[str], str]]]:
    """The command in a terminal; the call reads until a text comes (empty: to the end)."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment |= {"TERM": "xterm-256color", "COLUMNS": "120", "LINES": "60", **setting}
    environment |= {"PHOSPHENE_KEY": OPERATOR_KEY}
    process = subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-c", PROGRAM, "--url", house.address],
        cwd=ROOT,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
    )
    os.close(theirs)

    def read(text: str) -> str:
        got = b""
        while not text or text.encode() not in got:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other side is closed: Linux's way to say it
                break
            if not part:
                break
            got += part
        assert text.encode() in got
        return got.decode()

    try:
        yield process, read
    finally:
        process.kill()
        process.wait()
        os.close(ours)


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """A server that gives the same answer to everyone."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                with sock:
                    sock.recv(65536)
                    sock.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()
