"""What the commands in dev/ share: set-up, clusters, databases, tests.

Only the standard library is used here, as nothing else is there before the set-up.
This file alone must be readable by any Python 3, so that an old one can say what is wrong.
"""

import os
import shutil
import sys

OLDEST = (3, 11)
NEWEST = (3, 13)  # the newest Python that Odoo 19 supports


def _require_python():
    """Continue with a Python that Odoo 19 runs on, or say which one is missing."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        other = shutil.which("python3.%d" % minor)
        if other and os.path.isfile(sys.argv[0]):
            os.execv(other, [other] + sys.argv)
    sys.exit(
        "Odoo 19 needs Python 3.%d to 3.%d; this is Python %s.\n"
        "  What to do: install one of them (for example: apt-get install python3.12 python3.12-venv); "
        "it is then found by itself." % (OLDEST[1], NEWEST[1], sys.version.split()[0])
    )


_require_python()
