"""Every setting: its section, its unit, its range, its default and the reason for it.

A section is a frozen struct; a setting is a field with `setting(...)`, from which come the
check at load, the text of a mistake, `phosphene config` and the file it writes. Nothing
else in the program has a default for these.
"""

from pathlib import Path
from typing import Annotated, Literal, TypedDict, Unpack

import msgspec

DATA_DIR_BY_PLATFORM = ""
"""Value of `storage.data_dir` that stands for the platform's own folder for user data."""


class Limits(TypedDict, total=False):
    """What `msgspec.Meta` checks a value against."""

    ge: float
    gt: float
    le: float
    pattern: str


def setting(
    description: str,
    *,
    reason: str,
    unit: str = "",
    allowed: str = "",
    **limits: Unpack[Limits],
) -> msgspec.Meta:
    """Describe a setting.

    Args:
        description: what it does, one line.
        reason: why the default is what it is, and what speaks for another value.
        unit: of the value; empty where it has none.
        allowed: the range in words, where type and limits do not say it well.
        **limits: of `msgspec.Meta`.
    """
    extra = {"unit": unit, "reason": reason, "allowed": allowed}
    # The overloads of Meta forbid mixtures that no setting here has.
    return msgspec.Meta(description=description, extra=extra, **limits)  # type: ignore[call-overload, no-any-return]


class WebSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The door: where the server listens and what it lets in."""

    host: Annotated[
        str,
        setting(
            "Address that the server listens on.",
            reason="Loopback: nobody else on the network reaches it unless you say so.",
            allowed="a host name or an address, such as 127.0.0.1, 0.0.0.0 or ::1",
            pattern=r"^[^\s/]+$",
        ),
    ] = "127.0.0.1"

    port: Annotated[
        int,
        setting(
            "TCP port for everything: pages, API and streams.",
            reason="8008 is the port of document 003; 0 takes any free port.",
            ge=0,
            le=65535,
        ),
    ] = 8008

    documented_ports: Annotated[
        bool,
        setting(
            "Listen also on 8000-8005, 8007 and 3000.",
            reason="Clients with a port of documents 000 and 001 in their code then work.",
        ),
    ] = False

    public_url: Annotated[
        str,
        setting(
            "Address that clients use, if a proxy stands before the server.",
            reason="Empty: links are built from the address that each client used.",
            allowed="an address that begins with http:// or https://, or nothing",
            pattern=r"^$|^https?://[^\s/]+(/\S*)?$",
        ),
    ] = ""

    origins: Annotated[
        tuple[Annotated[str, msgspec.Meta(pattern=r"^\*$|^https?://[^\s/]+$")], ...],
        setting(
            "Origins whose pages may call the API from a browser (CORS).",
            reason="The four of document 003; `*` lets any page in.",
            allowed="origins such as http://localhost:5173, or *",
        ),
    ] = (
        "http://localhost:3009",
        "http://localhost:3010",
        "http://localhost:3001",
        "http://localhost:5173",
    )

    max_body_bytes: Annotated[
        int,
        setting(
            "Largest body of a request; a larger one is answered 413.",
            unit="bytes",
            reason="An upload of 5 MB (document 001) and its envelope fit.",
            ge=1024,
            le=1024**3,
        ),
    ] = 8 * 1024**2

    websockets_per_address: Annotated[
        int,
        setting(
            "WebSockets that one address may hold open at /ws; one more is answered 429.",
            reason="What document 003 says; 0 lets one address have as many as it likes."
            " Streams of sessions are not counted.",
            ge=0,
            le=100_000,
        ),
    ] = 5

    trusted_proxies: Annotated[
        tuple[Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$")], ...],
        setting(
            "Proxies whose X-Forwarded-For says who a client is.",
            reason="None: anyone could write such a header and be whom they like.",
            allowed="addresses or networks, such as 10.0.0.7, 10.0.0.0/8 or ::1",
        ),
    ] = ()

    browser: Annotated[
        bool,
        setting(
            "Open the live page in a browser at the start, where there is a desktop.",
            reason="The first thing a newcomer wants to see.",
        ),
    ] = True


class DeviceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The headset, where a session names none of its own."""

    default: Annotated[
        str,
        setting(
            "Device of a session made on the live page.",
            reason="The simulated brain needs no hardware.",
            allowed="simulator, replay:<recording>, ingest, muse, openbci, lsl"
            " or brainflow:<board>",
            pattern=r"^(simulator|ingest|muse|openbci|lsl|(replay|brainflow):\s*\S.*)$",
        ),
    ] = "simulator"

    speed: Annotated[
        float,
        setting(
            "Pace at which a recording is played.",
            unit="times life",
            reason="At 1 it takes the time that it took.",
            ge=0.1,
            le=100.0,
        ),
    ] = 1.0

    loop: Annotated[
        bool,
        setting(
            "Begin a recording again at its end.",
            reason="An installation goes on; else the session ends with the recording.",
        ),
    ] = True

    mains_hz: Annotated[
        Literal[50, 60],
        setting(
            "Frequency of the mains where you are: the notch filter's.",
            unit="hertz",
            reason="50 in most of the world, 60 in the Americas and parts of Asia.",
        ),
    ] = 50

    recordings: Annotated[
        tuple[str, ...],
        setting(
            "Folders in which replay:<recording> is looked for.",
            reason="Clients may name what lies in these folders and nothing else.",
            allowed="folders",
        ),
    ] = ("recordings",)

    retry_s: Annotated[
        float,
        setting(
            "Pause between two attempts to find a device that is not there.",
            unit="seconds",
            reason="Short enough for whoever has just switched a headset on.",
            ge=0.1,
            le=300.0,
        ),
    ] = 2.0

    seed: Annotated[
        int,
        setting(
            "Seed of the simulated brain.",
            reason="Same seed, same samples.",
            ge=0,
            le=2**63 - 1,
        ),
    ] = 1


class EncoderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The encoder: latency against certainty."""

    window_s: Annotated[
        float,
        setting(
            "Length of the window in which band powers are measured.",
            unit="seconds",
            reason="2 s resolve 0.5 Hz; shorter follows faster and is less certain.",
            ge=0.5,
            le=8.0,
        ),
    ] = 2.0

    step_s: Annotated[
        float,
        setting(
            "Time from one window to the next.",
            unit="seconds",
            reason="Ten a second, as many as there are frames.",
            ge=0.05,
            le=1.0,
        ),
    ] = 0.1


class PictureSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The live pictures, where a session asks for nothing else."""

    width: Annotated[
        int,
        setting(
            "Width of a live picture.",
            unit="pixels",
            reason="A quarter of the work at half of it.",
            ge=64,
            le=2048,
        ),
    ] = 512

    height: Annotated[
        int,
        setting(
            "Height of a live picture.",
            unit="pixels",
            reason="As the width.",
            ge=64,
            le=2048,
        ),
    ] = 512

    jpeg_quality: Annotated[
        int,
        setting(
            "Quality of the JPEG of a live frame.",
            unit="percent",
            reason="The usual compromise; 95 takes about twice the bytes.",
            ge=30,
            le=100,
        ),
    ] = 85

    pictures_hz: Annotated[
        float,
        setting(
            "New pictures a session gets at most.",
            unit="a second",
            reason="The broadcaster sends 10 frames a second; less serves more sessions.",
            ge=0.1,
            le=10.0,
        ),
    ] = 10.0


class GeneratorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The pool that makes the pictures."""

    workers: Annotated[
        int,
        setting(
            "Painters that work at the same time.",
            reason="0: as many as processor cores, less one for the rest of the server.",
            ge=0,
            le=64,
        ),
    ] = 0

    deadline_s: Annotated[
        float,
        setting(
            "Age at which a wish for a live picture is thrown away.",
            unit="seconds",
            reason="A picture of what the brain did longer ago is not live.",
            ge=0.1,
            le=30.0,
        ),
    ] = 2.0

    answer_s: Annotated[
        float,
        setting(
            "Time that a picture may take; then its painter's process is killed.",
            unit="seconds",
            reason="The largest takes 0.2 s on a free core, seconds on a busy machine.",
            ge=0.5,
            le=600.0,
        ),
    ] = 15.0

    heartbeat_s: Annotated[
        float,
        setting(
            "Idle time after which a painter's process must paint a tiny picture.",
            unit="seconds",
            reason="One that hangs is replaced before it is needed; a try takes 3 ms.",
            ge=1.0,
            le=3600.0,
        ),
    ] = 10.0

    recycle_jobs: Annotated[
        int,
        setting(
            "Pictures after which a painter's process is replaced by a fresh one.",
            unit="pictures",
            reason="Hours of one session. Its sessions' next pictures begin afresh then.",
            ge=1,
            le=10**9,
        ),
    ] = 100_000

    recycle_mib: Annotated[
        int,
        setting(
            "Memory of a painter's process above which it is replaced by a fresh one.",
            unit="mebibytes",
            reason="It has 50, and 100 after pictures of 2048 x 2048; more is a leak.",
            ge=128,
            le=1024**2,
        ),
    ] = 512


class AudioSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Sound, and the hardware that plays it."""

    output_2: Annotated[
        str,
        setting(
            "Device that plays level 2, the passive output.",
            reason="Empty: none; streams and files need no device. `phosphene audio`"
            " lists what there is.",
            allowed="the name of an output, a part of it, its number, default, or nothing",
        ),
    ] = ""

    output_3: Annotated[
        str,
        setting(
            "Device that plays level 3, the amplified output.",
            reason="As output_2.",
            allowed="the name of an output, a part of it, its number, default, or nothing",
        ),
    ] = ""

    buffer_ms: Annotated[
        int,
        setting(
            "How long sound waits before it goes to a device.",
            unit="milliseconds",
            reason="So long may a busy machine be late with it and nobody hears it.",
            ge=50,
            le=2000,
        ),
    ] = 200


class SessionLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How many sessions, and how long."""

    max_sessions: Annotated[
        int,
        setting(
            "Sessions at the same time; one more is answered 503.",
            reason="100 busy ones are the aim on two cores; this leaves room for others.",
            ge=1,
            le=10_000,
        ),
    ] = 200

    duration_minutes: Annotated[
        float,
        setting(
            "Length of a session that asks for none.",
            unit="minutes",
            reason="What document 000 shows.",
            gt=0.0,
            le=1440.0,
        ),
    ] = 30.0

    max_duration_minutes: Annotated[
        float,
        setting(
            "Longest session that can be asked for.",
            unit="minutes",
            reason="A day: an installation from opening to closing.",
            gt=0.0,
            le=10_080.0,
        ),
    ] = 1440.0

    after_restart: Annotated[
        Literal["continue", "close"],
        setting(
            "What becomes of a named session that ran when the server ended.",
            reason="continue: its time went on meanwhile; close: it was stopped then.",
        ),
    ] = "continue"


class RateLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much one address may ask for; 0 turns a limit off."""

    requests_a_minute: Annotated[
        int,
        setting(
            "Requests of document 003's API in any minute; one more is answered 429.",
            unit="a minute",
            reason="What document 003 says. Streams, pages and health are not counted.",
            ge=0,
            le=100_000,
        ),
    ] = 100

    generations_a_minute: Annotated[
        int,
        setting(
            "Sounds that may be generated in any minute; one more is answered 429.",
            unit="a minute",
            reason="What document 003 says. They count as requests as well.",
            ge=0,
            le=100_000,
        ),
    ] = 10


class StorageSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept on disk, and where."""

    data_dir: Annotated[
        str,
        setting(
            "Folder for keys and pictures.",
            reason="Empty: the platform's own folder for user data.",
            allowed="a folder, or nothing",
        ),
    ] = DATA_DIR_BY_PLATFORM

    pictures_quota_mib: Annotated[
        int,
        setting(
            "Space for kept pictures; the oldest go first.",
            unit="mebibytes",
            reason="Some thousands of PNG pictures of 512 x 512.",
            ge=1,
            le=1024**2,
        ),
    ] = 2048

    sounds_quota_mib: Annotated[
        int,
        setting(
            "Space for the files of generated sounds; the oldest go first.",
            unit="mebibytes",
            reason="An hour as WAV has 606; they are made anew when asked for.",
            ge=1,
            le=1024**2,
        ),
    ] = 2048


class LogSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What is written to standard error while the server runs."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"],
        setting(
            "The least that is worth a line.",
            reason="info names starts, ends and failures, and no single request.",
        ),
    ] = "info"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings of one run."""

    web: WebSettings = WebSettings()
    device: DeviceSettings = DeviceSettings()
    encoder: EncoderSettings = EncoderSettings()
    pictures: PictureSettings = PictureSettings()
    generators: GeneratorSettings = GeneratorSettings()
    audio: AudioSettings = AudioSettings()
    sessions: SessionLimits = SessionLimits()
    limits: RateLimits = RateLimits()
    storage: StorageSettings = StorageSettings()
    log: LogSettings = LogSettings()

    @property
    def data_dir(self) -> Path:
        """The folder for keys and pictures; it need not be there yet."""
        if self.storage.data_dir != DATA_DIR_BY_PLATFORM:
            return Path(self.storage.data_dir).expanduser()
        import platformdirs  # noqa: PLC0415  # 20 ms that `phosphene version` does not need

        return platformdirs.user_data_path("phosphene", appauthor=False)

    @property
    def recording_dirs(self) -> tuple[Path, ...]:
        """The folders of `device.recordings`, in the order of the search."""
        return tuple(Path(folder).expanduser() for folder in self.device.recordings)
