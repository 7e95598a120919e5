"""A sitting of a simulated brain; its first pictures are saved. Under Trio.

python pictures.py KEY [http://127.0.0.1:8008] [folder]
"""

import sys

import trio

from phosphene.client import SittingWish, TrioPhosphene

PICTURES = 5


async def main(key: str, base: str, folder: trio.Path) -> None:
    """Save some pictures."""
    await folder.mkdir(parents=True, exist_ok=True)
    async with TrioPhosphene(base, key) as phosphene:
        wish = SittingWish(duration_minutes=5, seed=7)
        sitting = await phosphene.sittings.create("me", "simulator", wish)
        saved = 0
        async with phosphene.sittings.pictures(sitting.session_id) as pictures:
            async for picture in pictures:
                about = picture.about
                path = folder / f"{about.sequence:06}.jpg"
                await path.write_bytes(picture.jpeg)
                print(f"{path}: {about.metadata.prompt}")
                saved += 1
                if saved == PICTURES:
                    break
        ended = await phosphene.sittings.end(sitting.session_id)
        print(f"{ended.status}: {ended.summary.total_images} pictures")


if len(sys.argv) < 2:  # noqa: PLR2004
    sys.exit(__doc__)
defaults = ["", "http://127.0.0.1:8008", "pictures"]
key, base, folder = sys.argv[1:4] + defaults[len(sys.argv[1:4]) :]
trio.run(main, key, base, trio.Path(folder))
