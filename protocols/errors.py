"""Errors that cross a port or reach a client."""


class PhospheneError(Exception):
    """Root of what this project raises on purpose."""


class DeviceNotFoundError(PhospheneError):
    """The device is not there now; it may come."""


class DeviceLostError(PhospheneError):
    """The device was there and went away."""


class RecordingError(PhospheneError):
    """A recording is missing, of no known format, or broken."""


class RecordingEndedError(PhospheneError):
    """A recording was given to its end and does not loop."""


class WishError(PhospheneError):
    """A picture cannot be made as wished.

    Args:
        field: which field of the wish.
        message: what is wrong and what is allowed.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class RefusedError(PhospheneError):
    """An inbox was full: come back in `retry_after_s` seconds.

    Args:
        where: name of the edge that refused.
        retry_after_s: seconds.
    """

    def __init__(self, where: str, retry_after_s: float = 1.0) -> None:
        super().__init__(f"{where} is full; try again in {retry_after_s:g} s")
        self.where = where
        self.retry_after_s = retry_after_s


class ExpiredError(PhospheneError):
    """A question was taken out of the inbox after its deadline and thrown away."""


class UnavailableError(PhospheneError):
    """Who was asked cannot answer now (its disk fails): the answer to an `ask`, no death.

    An error and not a reply type, so that nobody takes it for a yes by mistake.

    Args:
        where: who cannot.
        reason: what the system said; for the log, not for clients.
    """

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where} cannot answer now: {reason}")
        self.where = where
        self.reason = reason
