"""First file of a script started by ``capture run`` or by an agent for a script without ``Task.init``.

Started by its path; finds our packages beside it and leaves everything else to ``capture.launch``.
"""

import os
import sys

_root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_path = list(sys.path)
sys.path.insert(0, _root)

from capture.launch import main  # noqa: E402 - it is found only now

sys.path[:] = _path
main(__file__)
