"""What stops a job with one line for the operator: what was found, what was expected, what to do.

Belongs here: errors that a person can act on. Does not: programming errors (those show their traceback).
"""


class JobError(Exception):
    """A job cannot go on; the message is the whole story. `exit_code`: what `pret` then ends with."""

    exit_code = 1


class InputError(JobError):
    """The folder of tables, or a file in it, cannot be used."""


class CheckFailed(JobError):
    """A night was computed but a check refuses to publish it; the published run stays."""

    exit_code = 3


class NightRunning(JobError):
    """Another night runs in the store; nothing was done."""

    exit_code = 4


class Stopped(SystemExit):
    """Somebody, systemd for instance, stopped the process with SIGTERM."""

    exit_code = 143

    def __init__(self) -> None:
        super().__init__(self.exit_code)

    def __str__(self) -> str:
        return "by SIGTERM"


def exit_code_of(error: BaseException) -> int:
    """What `pret` ends with: that of a JobError, 130 where somebody interrupted, 143 where it was stopped, 1 for
    anything else."""
    if isinstance(error, KeyboardInterrupt):
        return 130
    return error.exit_code if isinstance(error, JobError | Stopped) else 1
