"""Where a built Lectern starts: without words the window, with a command the command line."""

import sys

from app.cli import main

if __name__ == "__main__":
    sys.exit(main())
