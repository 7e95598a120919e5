"""A child that loads for ever."""

from actors.apart.serve import Handler, serve


def load() -> Handler:
    while True:
        pass


if __name__ == "__main__":
    serve(load)
