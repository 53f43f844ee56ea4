"""Tables that the tests of features draw are read here as well.

Belongs here: where they are found. Does not: tests.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "features"))
