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


def exit_code_of(error: BaseException) -> int:
    """What `pret` ends with: that of a JobError, 130 where somebody interrupted, 1 for anything else."""
    if isinstance(error, KeyboardInterrupt):
        return 130
    return error.exit_code if isinstance(error, JobError) else 1
