"""The one command. Needs nothing but Python 3.11 or newer; `python3 run.py help` lists what it can do.

Written so that an old Python can read it far enough to say that it is too old.
"""

import sys

from jobs.bootstrap import main

if __name__ == "__main__":
    main(sys.argv[1:])
