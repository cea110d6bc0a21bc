"""The polyroom command with one bad habit: on SIGUSR1 its Python keeps the interpreter to itself for six seconds."""

import signal
import sys
import time

SECONDS = 6.0


def keep_the_interpreter(*_: object) -> None:
    """Spin without letting another Python thread in."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(60)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        pass
    sys.setswitchinterval(usual)
    sys.stderr.write("let go\n")


if __name__ == "__main__":
    from polyroom.cli import main

    signal.signal(signal.SIGUSR1, keep_the_interpreter)
    main()
