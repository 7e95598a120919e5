"""The command line: `phosphene serve`, `sim`, `journal`, `top`, `keys`, `audio`, `config`.

What the server needs is imported in `serve` only: help and `version` answer at once. A
mistake ends with one clear message and an exit code:

      0  done, or ended in order
      1  there is no such key
      2  usage or settings: all mistakes at once, with file and line
      3  the port is in use, or the address is not ours
      4  the recording is missing or cannot be read
      5  the data folder or the key file cannot be used
      6  no server is reached            (top)
      7  the key is missing or refused   (top)
      8  that is not a Phosphene server  (top)
      9  there is no sound library       (audio)
     70  an error of ours, with its trace; the tree fell
     75  it hung: start it again (`serve --guard` does)
    130  interrupted
"""

import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click

from config.errors import StartError
from config.load import FILE_NAME
from config.version import VERSION
from protocols.errors import RecordingError
from supervisors.cli_audio import audio
from supervisors.cli_journal import journal
from supervisors.cli_keys import keys
from supervisors.cli_options import (
    OPTIONS,
    config_option,
    load,
    set_option,
    setting_options,
)
from supervisors.cli_sim import sim
from supervisors.cli_top import top

EXIT_RECORDING: Final = 4
EXIT_INTERNAL: Final = 70
EXIT_INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: without the program's name; None: the process's own.

    Returns:
        The exit code, as the module's docstring lists them.
    """
    try:
        given = list(sys.argv[1:] if arguments is None else arguments)
        code = phosphene.main(
            given, prog_name="phosphene", standalone_mode=False, obj=tuple(given)
        )
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return EXIT_INTERRUPTED
    except Exception as error:  # noqa: BLE001  # the last door: an exit code comes of it
        return _report(error)
    return code if isinstance(code, int) else 0


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 92}
)
def phosphene() -> None:
    """Live neuro-art: brain signals go in, pictures come out.

    \b
    phosphene serve                             a simulated brain, no hardware
    phosphene serve --device replay:rest.edf    a recording
    phosphene keys create --name "my script"    a key for the API
    phosphene sim --minutes 10 --seed 7         the whole system in virtual time
    phosphene top                               who lives, who waits, what happened
    phosphene journal --last 50                 the same from the disk, after the fact
    phosphene audio                             the devices that can play sound
    phosphene config                            every setting, and where it came from
    """  # noqa: D301  # click: \b, these lines as they are


phosphene.add_command(audio)
phosphene.add_command(journal)
phosphene.add_command(keys)
phosphene.add_command(sim)
phosphene.add_command(top)


@phosphene.command()
@setting_options(*OPTIONS)
@config_option
@set_option
@click.option("--guard", is_flag=True, help="Start it again if it falls or hangs.")
@click.pass_context
def serve(
    context: click.Context,
    /,
    config_file: Path | None,
    also: tuple[str, ...],
    *,
    guard: bool,
    **given: object,
) -> int:
    """Start the server; Ctrl-C or SIGTERM ends it in order.

    \b
    phosphene serve
    phosphene serve --device replay:monday.edf --speed 2 --no-loop
    phosphene serve --port 0 --data-dir /tmp/art --no-browser
    phosphene serve --set encoder.window_s=1 --set pictures.jpeg_quality=92
    phosphene serve --guard                          for installations

    Settings come from the defaults, then the file, then the environment
    (PHOSPHENE_WEB__PORT=9000), then these options.
    """  # noqa: D301  # click: \b, these lines as they are
    settings = load(config_file, given, also).settings
    if guard:
        from supervisors.guard import guard as watch  # noqa: PLC0415

        return watch([word for word in context.obj if word != "--guard"], _say)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        # Before NumPy comes: its second thread makes our small products slower.
        os.environ.setdefault(name, "1")
    from supervisors.serve import run  # noqa: PLC0415  # see the module's docstring

    return run(settings, announce=click.echo)


@phosphene.command()
@click.option("--toml", is_flag=True, help=f"Write them as a file: ... > {FILE_NAME}")
@setting_options(*OPTIONS)
@config_option
@set_option
def config(
    toml: bool,  # noqa: FBT001  # click's way to hand over a flag
    config_file: Path | None,
    also: tuple[str, ...],
    **given: object,
) -> None:
    """Show every setting: value, where it came from, range, unit and reason."""
    from config.show import file, table  # noqa: PLC0415

    loaded = load(config_file, given, also)
    click.echo(file(loaded) if toml else table(loaded), nl=False)


@phosphene.command()
def version() -> None:
    """Print the version."""
    click.echo(VERSION)


def _say(line: str) -> None:
    click.echo(line, err=True)


def _report(error: Exception) -> int:
    for cause in _causes(error):
        if isinstance(cause, StartError | RecordingError):
            click.echo(f"phosphene: {cause}", err=True)
            return cause.exit_code if isinstance(cause, StartError) else EXIT_RECORDING
    traceback.print_exception(error)
    click.echo("phosphene: an error of ours; please report what stands above", err=True)
    return EXIT_INTERNAL


def _causes(error: BaseException) -> Iterator[BaseException]:
    # Trio hands the error of a task up in a group.
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _causes(inner)
    else:
        yield error
