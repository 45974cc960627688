"""Run commands at a terminal of their own, as a person would."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import subprocess
import termios
from collections.abc import Mapping, Sequence


def _take_terminal() -> None:
    """Make standard input the terminal whose Ctrl-C the process gets."""
    # What starts the tests in the background may have had Ctrl-C ignored, and that is inherited.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def at_a_terminal(
    arguments: Sequence[str],
    answer: bytes = b"",
    environment: Mapping[str, str] | None = None,
    question: bytes = b"[y/N]: ",
) -> tuple[int, str]:
    """Run a command and answer its questions; gives exit code and all that was shown.

    Args:
        arguments: the command.
        answer: what is typed.
        environment: variables beside those of this process.
        question: what is waited for: the answer is typed each time it is shown.
    """
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        arguments, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm", **(environment or {})},
        start_new_session=True, preexec_fn=_take_terminal,  # noqa: PLW1509 - no threads here
    ) as process:  # fmt: skip
        os.close(theirs)
        shown, answered, waited = b"", 0, 0
        while waited < 30:
            if not select.select([ours], [], [], 2)[0]:
                waited += 1
                if (
                    answered
                ):  # a Ctrl-C that comes just before Python begins to read is seen with the next key
                    os.write(ours, answer)
                continue
            try:
                shown += os.read(ours, 10_000)
            except OSError:  # the other side is closed
                break
            if shown.count(question) > answered:
                os.write(ours, answer)
                answered += 1
        else:
            process.kill()
        os.close(ours)
    return process.returncode, shown.decode()
