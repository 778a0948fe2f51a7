"""How many generated examples a test tries."""

import os

TIMES_VARIABLE = "FIELDLINE_EXAMPLES_TIMES"
"""`./inv test -a full` sets it."""


def examples(usual: int) -> int:
    return usual * int(os.environ.get(TIMES_VARIABLE, "1"))
