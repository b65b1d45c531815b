"""The plots of a ``Logger``: ClearML's calls, each of which turns what it is given into one figure of the journal.

Whatever is given is read as it is (``plotting`` knows arrays, frames and figures by what they can do, and imports no
library of theirs); what cannot be read is refused with one warning, never an exception in the script. A call costs what
its data costs: these are no calls for the inside of a training loop.
"""

from __future__ import annotations

from . import guard
from .frames import PLOT, PLOT_HEAD
from .logger_samples import WRONG, SampleCalls
from .reported import Refused, checked_iteration, label, named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class PlotCalls(SampleCalls):
    """What a ``Logger`` can draw. ``iteration`` of None is 0; the newest iterations of each plot are kept.

    Arguments that are the same in many calls: ``xaxis``, ``yaxis``, ``zaxis`` are the titles of the axes, ``labels``
    the names of series or points, ``xlabels`` and ``ylabels`` those of columns and rows, ``comment`` a line below, and
    ``extra_layout`` a plotly layout, of which titles, logarithmic and reversed axes and the bars' mode are used.
    """

    def _plot(self, title: Any, series: Any, iteration: Any, make: Callable[[], dict[str, Any]]) -> None:
        from . import plotting

        title, series = label(title), label(series)
        try:
            named(title, what="a plot")
            at = 0 if iteration is None else checked_iteration(iteration)
            figure = plotting.packed(make())
        except Refused as refused:
            self._refuse(f"{title}/{series}", str(refused))
        except WRONG as error:
            self._refuse(f"{title}/{series}", f"it cannot be read as a plot ({type(error).__name__}: {error})")
        else:
            if not self._closed():
                names = f"{title}\0{series}".encode("utf-8", "backslashreplace")
                head = PLOT_HEAD.pack(PLOT, at, self._journal.now(), len(names))
                self._journal.append(head + names + figure)

    @guard.guarded
    def report_histogram(
        self, title: str, series: str, values: Any, iteration: int | None = None, labels: Any = None,
        xlabels: Any = None, xaxis: str | None = None, yaxis: str | None = None, mode: str | None = None,
        data_args: dict[str, Any] | None = None, extra_layout: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Report bars: ``values`` are their heights, one row a series of bars; ``mode`` is group, stack or relative."""
        from . import plotting

        layout = plotting.layout(extra_layout, xaxis=xaxis, yaxis=yaxis, barmode=mode or "group")
        self._plot(title, series, iteration, lambda: plotting.bars(values, series, labels, xlabels, data_args, layout))

    @guard.guarded
    def report_vector(
        self, title: str, series: str, values: Any, iteration: int | None = None, labels: Any = None,
        xlabels: Any = None, xaxis: str | None = None, yaxis: str | None = None, mode: str | None = None,
        extra_layout: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Report a vector as bars; as ``report_histogram``."""
        self.report_histogram(
            title, series, values, iteration, labels, xlabels, xaxis, yaxis, mode, extra_layout=extra_layout
        )

    @guard.guarded
    def report_line_plot(
        self, title: str, series: Any, xaxis: str, yaxis: str, mode: str = "lines", iteration: int | None = None,
        reverse_xaxis: bool = False, comment: str | None = None, extra_layout: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Report lines of one plot: ``series`` holds a ``SeriesInfo`` (name, rows of x and y, labels) for each."""
        from . import plotting

        layout = plotting.layout(extra_layout, xaxis=xaxis, yaxis=yaxis, comment=comment)
        if reverse_xaxis:
            layout.setdefault("xaxis", {})["autorange"] = "reversed"
        self._plot(title, "", iteration, lambda: plotting.lines(series, mode, layout))

    @guard.guarded
    def report_scatter2d(
        self, title: str, series: str, scatter: Any, iteration: int | None = None, xaxis: str | None = None,
        yaxis: str | None = None, labels: Any = None, mode: str = "lines", comment: str | None = None,
        extra_layout: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Report points, rows of x and y; ``mode`` is lines, markers or lines+markers."""
        from . import plotting

        layout = plotting.layout(extra_layout, xaxis=xaxis, yaxis=yaxis, comment=comment)
        self._plot(title, series, iteration, lambda: plotting.points([(series, scatter, labels)], mode, layout))

    @guard.guarded
    def report_scatter3d(
        self, title: str, series: Any, scatter: Any, iteration: int | None = None, xaxis: str | None = None,
        yaxis: str | None = None, zaxis: str | None = None, labels: Any = None, mode: str = "markers",
        fill: bool = False, comment: str | None = None, extra_layout: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Report points in space, rows of x, y and z; a list of such arrays is several series. ``fill`` is not used."""
        from . import plotting

        layout = plotting.layout(extra_layout, xaxis=xaxis, yaxis=yaxis, zaxis=zaxis, comment=comment)
        several = isinstance(series, (list, tuple))
        name = (series[0] if series else "") if several else series
        self._plot(title, name, iteration, lambda: plotting.cloud(scatter, series, labels, mode, layout))

    @guard.guarded
    def report_confusion_matrix(
        self, title: str, series: str, matrix: Any, iteration: int | None = None, xaxis: str | None = None,
        yaxis: str | None = None, xlabels: Any = None, ylabels: Any = None, yaxis_reversed: bool = False,
        comment: str | None = None, extra_layout: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Report a matrix as a heat map with numbers. Row 0 is at the bottom, with ``yaxis_reversed`` at the top."""
        from . import plotting

        layout = plotting.layout(extra_layout, xaxis=xaxis, yaxis=yaxis, comment=comment)
        if yaxis_reversed:
            layout.setdefault("yaxis", {})["autorange"] = "reversed"
        self._plot(title, series, iteration, lambda: plotting.matrix("heatmap", matrix, xlabels, ylabels, layout))

    @guard.guarded
    def report_matrix(
        self, title: str, series: str, matrix: Any, iteration: int | None = None, xaxis: str | None = None,
        yaxis: str | None = None, xlabels: Any = None, ylabels: Any = None, yaxis_reversed: bool = False,
        extra_layout: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Report a matrix as a heat map; the same as ``report_confusion_matrix``."""
        self.report_confusion_matrix(
            title, series, matrix, iteration, xaxis, yaxis, xlabels, ylabels, yaxis_reversed, None, extra_layout
        )

    @guard.guarded
    def report_surface(
        self, title: str, series: str, matrix: Any, iteration: int | None = None, xaxis: str | None = None,
        yaxis: str | None = None, zaxis: str | None = None, xlabels: Any = None, ylabels: Any = None,
        camera: Any = None, comment: str | None = None, extra_layout: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Report a surface: ``matrix`` has its heights. It is drawn seen from above; ``camera`` is not used."""
        from . import plotting

        layout = plotting.layout(extra_layout, xaxis=xaxis, yaxis=yaxis, zaxis=zaxis, comment=comment)
        self._plot(title, series, iteration, lambda: plotting.matrix("surface", matrix, xlabels, ylabels, layout))

    @guard.guarded
    def report_table(
        self, title: str, series: str, iteration: int | None = None, table_plot: Any = None, csv: str | None = None,
        url: str | None = None, extra_layout: dict[str, Any] | None = None, extra_data: Any = None,
    ) -> None:  # fmt: skip
        """Report a table: a data frame, rows of which the first is the heading, or the path or URL of a CSV file."""
        from . import plotting_tables as tables

        layout = tables.layout(extra_layout)
        self._plot(title, series, iteration, lambda: tables.table(table_plot, csv, url, layout))

    @guard.guarded
    def report_plotly(self, title: str, series: str, figure: Any, iteration: int | None = None) -> None:
        """Report a plotly figure, or one as the dictionary that plotly makes of it."""
        from . import plotting_figures

        self._plot(title, series, iteration, lambda: plotting_figures.of_plotly(figure))

    @guard.guarded
    def report_matplotlib_figure(
        self, title: str, series: str, figure: Any, iteration: int | None = None, report_image: bool = False,
        report_interactive: bool = True,
    ) -> None:  # fmt: skip
        """Report the lines, points, bars and matrices of a matplotlib figure (or of ``pyplot``'s present one).

        With ``report_image``, or without ``report_interactive``, its picture is reported as a debug sample instead.
        """
        from . import picturing, plotting_matplotlib

        if report_image or not report_interactive:
            self._sample(title, series, iteration, lambda: (picturing.figure(figure), "png"))
            return
        self._plot(title, series, iteration, lambda: plotting_matplotlib.figure(figure))
