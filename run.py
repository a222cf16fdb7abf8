"""The one command. Needs nothing but Python 3.11 or newer; `python3 run.py help` lists what it can do.

Written so that an old Python can read it far enough to say that it is too old.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  the point of this file
    sys.exit(
        "Steveslist needs Python 3.11 or newer; this is Python %d.%d (%s)."  # noqa: UP031  Python 2 reads it
        % (sys.version_info[0], sys.version_info[1], sys.executable)
    )

from jobs.bootstrap import main

if __name__ == "__main__":
    main(sys.argv[1:])
