"""The debug samples of a ``Logger``: pictures and other media, kept as files beside the store's tables.

The file's bytes go into the journal as one record, so a sample is safe when the call returns, like everything else that
is reported. What cannot be read is refused with one warning, never an exception in the script.
"""

from __future__ import annotations

import os

from . import guard
from .frames import SAMPLE, SAMPLE_HEAD
from .reported import Refused, checked_iteration, label, named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .journal import Journal

    Read = Callable[[], tuple[bytes, str]]

WRONG = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError, OSError)
"""What reading something of an unexpected kind may raise."""
_ALL = 2**31 - 1


class SampleCalls:
    """What a ``Logger`` reports as files. ``iteration`` of None is 0; the newest iterations of each are kept."""

    _journal: Journal

    def _refuse(self, what: str, why: str) -> None:
        raise NotImplementedError

    def _closed(self) -> bool:
        raise NotImplementedError

    def _sample(self, title: Any, series: Any, iteration: Any, read: Read, history: Any = None, url: Any = "") -> bool:
        """Keep a file; ``read`` returns its bytes and the ending of its name. Whether that was done."""
        title, series = label(title), label(series)
        try:
            named(title, what="a debug sample")
            at = 0 if iteration is None else checked_iteration(iteration)
            data, ending = read()
            if not data and not url:
                raise Refused("there is nothing in it")
            names = "\0".join((title, series, ending, label(url), str(_history(history))))
        except Refused as refused:
            self._refuse(f"{title}/{series}", str(refused))
        except WRONG as error:
            self._refuse(f"{title}/{series}", f"it cannot be read as a debug sample ({type(error).__name__}: {error})")
        else:
            if not self._closed():
                head = names.encode("utf-8", "backslashreplace")
                self._journal.append(SAMPLE_HEAD.pack(SAMPLE, at, self._journal.now(), len(head)) + head + data)
                return True
        return False

    @guard.guarded
    def report_image(
        self, title: str, series: str, iteration: int | None = None, local_path: Any = None, image: Any = None,
        matrix: Any = None, max_image_history: int | None = None, delete_after_upload: bool = False,
        url: str | None = None,
    ) -> None:  # fmt: skip
        """Report a picture.

        Args:
            title: what it is one of.
            series: which of these.
            iteration: where it belongs.
            local_path: a file with it; the file is copied.
            image: height x width, or with 1 to 4 channels, of bytes or of floats from 0 to 1; or a PIL image.
            matrix: the same as ``image``, under its older name.
            max_image_history: how many iterations are kept, in place of the setting ``samples.history``; -1: all.
            delete_after_upload: delete the file once it is kept.
            url: where it is already; only this is noted, and nothing is fetched.
        """
        from . import picturing

        shown = image if image is not None else matrix
        if shown is not None:
            self._sample(title, series, iteration, lambda: (picturing.picture(shown), "png"), max_image_history)
        else:
            self._file(title, series, iteration, local_path, max_image_history, delete_after_upload, url)

    @guard.guarded
    def report_media(
        self, title: str, series: str, iteration: int | None = None, local_path: Any = None, stream: Any = None,
        file_extension: str | None = None, max_history: int | None = None, delete_after_upload: bool = False,
        url: str | None = None,
    ) -> None:  # fmt: skip
        """Report a file of any kind: sound, film, text; or what a ``stream`` holds. The rest is as in an image."""
        from . import picturing

        if stream is not None:
            kind = picturing.ending(f"x.{str(file_extension or '').lstrip('.')}")
            self._sample(title, series, iteration, lambda: (picturing.stream(stream), kind), max_history)
        else:
            self._file(title, series, iteration, local_path, max_history, delete_after_upload, url)

    def _file(
        self, title: Any, series: Any, iteration: Any, path: Any, history: Any, delete: bool, url: Any
    ) -> None:  # fmt: skip
        from . import picturing

        if path is not None:
            kept = self._sample(title, series, iteration, lambda: picturing.file(path), history)
            if kept and delete:
                os.unlink(path)
        elif url:
            self._sample(title, series, iteration, lambda: (b"", picturing.ending(url)), history, url)
        else:
            self._refuse(f"{label(title)}/{label(series)}", "a debug sample needs a file, a picture, a stream or a url")


def _history(given: Any) -> int:
    """Return how many iterations are to be kept, 0 where the setting says it."""
    if given is None:
        return 0
    count = checked_iteration(given) if given != -1 else _ALL
    return min(max(1, count), _ALL)
