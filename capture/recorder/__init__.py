"""The recorder: takes journals into the store, one process a user, host and store.

It may import ``store`` and everything the distribution brings; the training script's half of ``capture`` never imports
it (a script only starts it as a process). Importing this package itself loads next to nothing.
"""

from capture.address import RECORDER as VERSION

__all__ = ["VERSION"]
