"""The body of `POST /api/v1/session/create`, as a session's settings. Pure.

Document 000 shows `user_id`, `device_type` and `session_config` with `duration_minutes` and
`model`; the rest of `session_config` is ours and optional.
"""

import re
from typing import Any, Final

from config.schema import Settings
from protocols.sessions import SessionSettings
from web.fields import Fields

DEVICES: Final = (
    "simulator, muse, openbci, lsl, ingest, brainflow:<board>, replay:<recording>"
)
_DEVICE: Final = re.compile(
    r"(?:simulator|muse|openbci|lsl|ingest|(?:brainflow|replay):[^\x00-\x1f]{1,200})\Z"
)
_SEED_HIGH: Final = 2**53 - 1
"""What every reader of JSON holds exactly."""


def session_settings(
    body: dict[str, Any], settings: Settings, owner: str
) -> SessionSettings:
    """Read the wish for a session.

    Args:
        body: the request's.
        settings: for what it does not say.
        owner: id of the key that asks.

    Raises:
        Problem: 422 with every mistake.
    """
    outer = Fields(body)
    user = outer.text("user_id", high=200)
    device = outer.text("device_type", settings.device.default, high=220)
    if not _DEVICE.match(device):
        outer.wrong("device_type", DEVICES)
    inner = outer.inner("session_config")
    longest = settings.sessions.max_duration_minutes
    asked = settings.sessions.duration_minutes
    wish = SessionSettings(
        user_id=user,
        device_type=device,
        duration_s=60 * inner.number("duration_minutes", asked, low=0.01, high=longest),
        model=inner.text("model", "painter", high=100),
        width=inner.whole("width", settings.pictures.width, low=64, high=1024),
        height=inner.whole("height", settings.pictures.height, low=64, high=1024),
        seed=inner.whole("seed", settings.device.seed, low=0, high=_SEED_HIGH),
        speed=inner.number("speed", settings.device.speed, low=0.1, high=100),
        loop=inner.flag("loop", settings.device.loop),
        mains_hz=float(inner.choice("mains_hz", (50, 60), settings.device.mains_hz)),
        window_s=inner.number("window_s", settings.encoder.window_s, low=0.5, high=8),
        step_s=inner.number("step_s", settings.encoder.step_s, low=0.05, high=1),
        pictures_hz=inner.number(
            "pictures_hz", settings.pictures.pictures_hz, low=0.1, high=10
        ),
        sound=inner.flag("sound", False),  # noqa: FBT003  # its default
        owner=owner,
    )
    outer.finish()
    return wish


def sound_switch(body: dict[str, Any]) -> bool:
    """Read whether a sitting is to sound: `{"sound": true}`.

    Raises:
        Problem: 422.
    """
    fields = Fields(body)
    sound = fields.flag("sound")
    fields.finish()
    return sound
