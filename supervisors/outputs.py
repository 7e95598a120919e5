"""The outputs of sound, as the settings name them."""

from typing import Any

from actors.apart.keeper import Keeper
from actors.audio.output import OutputActor
from actors.audio.output_orders import player
from actors.inbox import Address
from config.schema import Settings
from protocols.ports import Mailbox
from protocols.sound import OpenOutput, OutputChanged, OutputInput, SoundBlock
from supervisors.world import World

LEVELS = (2, 3)
"""The passive output and the amplified one."""

BLOCKS_THAT_MAY_WAIT = 16
BLOCK_AGE_S = 2.0
"""The longest time that sound waits for a device anyway."""


def way_to(own: Address) -> Mailbox[OutputInput]:
    """The synth's way to an output: blocks and orders in one row, old blocks lost."""
    return own.fifo(
        f"synth>{own.name.rpartition('/')[2]}",
        depth=BLOCKS_THAT_MAY_WAIT,
        age_s=BLOCK_AGE_S,
        fold=_lost_block,
    )


def _lost_block(_gap: OpenOutput | None, message: Any) -> OpenOutput | None:  # noqa: ANN401  # any input of an output
    # The next block's number tells of the gap. What arrives in its place is an order that
    # is safe to repeat: whoever is sent blocks was told to open before.
    return OpenOutput() if isinstance(message, SoundBlock | OpenOutput) else None


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
