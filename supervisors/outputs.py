"""The outputs of sound, as the settings name them."""

from actors.apart.keeper import Keeper
from actors.audio.output import OutputActor
from actors.audio.output_orders import player
from actors.inbox import Address
from config.schema import Settings
from protocols.ports import Mailbox
from protocols.sound import OutputChanged
from supervisors.world import World

LEVELS = (2, 3)
"""The passive output and the amplified one."""


def make_output(
    level: int,
    settings: Settings,
    world: World,
    own: Address,
    synth: Mailbox[OutputChanged],
) -> OutputActor:
    """The output of a level, whose device is played to by a process of its own.

    Args:
        level: one of `LEVELS`.
        settings: section `audio` says which device, and how long sound waits.
        world: of the tree.
        own: the output's address. It wants one mix as `SoundBlock`s (which voice they name
            is of no matter), `OpenOutput` before them and again after a `closed` that
            nobody ordered, and the metronome's ticks.
        synth: is told the output's state.
    """
    audio = settings.audio
    device = audio.output_2 if level == LEVELS[0] else audio.output_3
    keeper = Keeper(player(), own.name, own.reports, world.chronicle) if device else None
    return OutputActor(level, device, audio.buffer_ms / 1000.0, keeper, synth)
