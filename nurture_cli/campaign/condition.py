"""The small language of `when:`, parsed with Python's own parser, allowed node by node, and bound to what exists.

Nothing here is ever evaluated: the tree that comes out is compiled to SQL. A place is known for every name, so that a
mistake is shown under the very word; all mistakes of one condition are found at once.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Collection
from dataclasses import replace

from nurture_cli.campaign.calls import Arguments, Call, call_named
from nurture_cli.campaign.decode import CONTROL
from nurture_cli.campaign.diagnostic import Diagnostic, Span
from nurture_cli.campaign.expression import (
    All,
    Among,
    Any,
    Compare,
    Condition,
    Constant,
    Contains,
    DaysSince,
    DaysUntil,
    Did,
    Expression,
    Field,
    HasTag,
    InSegment,
    Literal,
    Missing,
    Not,
    Operand,
    Received,
    Touches,
    Truth,
    Type,
)
from nurture_cli.campaign.model import Config
from nurture_cli.campaign.mistakes import explain_syntax
from nurture_cli.campaign.names import CONSENTS, Names, Sort, names_of
from nurture_cli.campaign.reading import Reading
from nurture_cli.errors import WrongUsage
from nurture_cli.records import CORE_TEXT_FIELDS

