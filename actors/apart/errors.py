"""What can go wrong with work in a child process."""

from protocols.errors import PhospheneError


class ChildError(PhospheneError):
    """A job was not done, or no child can be had."""


class ChildSilentError(ChildError):
    """No answer came in time; the child was killed."""


class ChildCrashedError(ChildError):
    """The child died in the middle of the job."""


class JobBrokeError(ChildError):
    """The job raised; the child is replaced, because its state may be half changed."""


class DevicePoisonedError(ChildError):
    """The child's device answers no more until its process is another one.

    Raised by a child's handler too: an error of CUDA that sticks, a board that is stuck.
    """


class ChildStartError(ChildError):
    """One child after another did not start, or ended without work."""


class JobTooLargeError(ChildError):
    """A job's message or its arrays have no room."""
