"""A client of no connection: something to be told apart."""

from collections.abc import Sized

from web.clients import Client


def client() -> Client:
    return Client(send=_take_all, end=lambda _why, _within_s: None, fd=-1)


def _take_all(data: Sized) -> int:
    return len(data)
