"""Processes that are told signals: they begin with those of a terminal, also where the tests run under nohup or in the
background of a script, which ignore some of them, and whatever is started there does, too."""

from __future__ import annotations

import sys

_BEGIN = """
import os, signal, sys
for number in (signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""

# Before a command whose first word is the path of a program.
AS_FROM_A_TERMINAL = (sys.executable, "-c", _BEGIN)
