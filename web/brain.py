"""Commands to the simulated sitter, as JSON. Pure.

{"command": "set_state", "eyes_closed": true, "relaxation": 0.8, "focus": 0.1,
 "drowsiness": 0, "pleasure": -0.5}          what is not there stays as it is
{"command": "blink"}
{"command": "clench_jaw", "seconds": 2}
{"command": "loosen_electrode", "channel": "AF7", "loose": true}
{"command": "unplug", "unplugged": true}
{"command": "run_script", "name": "wander"}  wander, rest, work, sleepy, or "" for none
"""

from collections.abc import Callable
from typing import Any, Final

from protocols.simulation import (
    Blink,
    BrainCommand,
    ClenchJaw,
    LoosenElectrode,
    RunScript,
    SetBrainState,
    Unplug,
)
from web.fields import Fields


def _set_state(fields: Fields) -> BrainCommand:
    def level(name: str, low: float = 0) -> float | None:
        return fields.number(name, low=low, high=1) if fields.has(name) else None

    return SetBrainState(
        eyes_closed=fields.flag("eyes_closed") if fields.has("eyes_closed") else None,
        relaxation=level("relaxation"),
        focus=level("focus"),
        drowsiness=level("drowsiness"),
        pleasure=level("pleasure", -1),
    )


_COMMANDS: Final[dict[str, Callable[[Fields], BrainCommand]]] = {
    "set_state": _set_state,
    "blink": lambda _: Blink(),
    "clench_jaw": lambda f: ClenchJaw(f.number("seconds", 2.0, low=0.1, high=60)),
    "loosen_electrode": lambda f: LoosenElectrode(
        f.text("channel", high=40), f.flag("loose", default=True)
    ),
    "unplug": lambda f: Unplug(f.flag("unplugged", default=True)),
    "run_script": lambda f: RunScript(
        f.choice("name", ("", "wander", "rest", "work", "sleepy"))
    ),
}


def brain_command(body: dict[str, Any]) -> BrainCommand:
    """Read a command.

    Raises:
        Problem: 422 with every mistake.
    """
    fields = Fields(body)
    name = fields.choice("command", tuple(_COMMANDS))
    command = _COMMANDS[name](fields)
    fields.finish()
    return command
