"""``python -m model.synthetic FOLDER --shape tiny``."""

from __future__ import annotations

import sys

from model.synthetic.writing import main

if __name__ == "__main__":
    sys.exit(main())
