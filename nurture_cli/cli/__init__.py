"""The command line: nothing else in the program prints, asks, or ends the process."""

from __future__ import annotations

import sys
from typing import NoReturn


def run_app() -> NoReturn:
    """Run the command line with the words of this process and end the process with the right code."""
    from nurture_cli.cli.boundary import main
    from nurture_cli.clock import SystemClock

    sys.exit(main(sys.argv[1:], clock=SystemClock()))
