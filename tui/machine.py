"""How the machine's own metrics are charted: by what they measure and in which unit, whatever they are recorded as.

One table of the names that ``capture.monitor`` and ClearML record. What is in the store is not touched: this is only
which chart a series stands in, and what it is called there. Pure functions over records.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from store.records import MONITOR, MetricRow

CHARTS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("CPU %", ((r"cpu_usage", "machine"),)),
    # of one core: sixteen busy cores are 1600, beside which the machine's 100 would be a line at the bottom
    ("process CPU, % of a core", ((r"process_cpu_usage", "process"),)),
    ("memory GB", ((r"memory_used_gb", "used"), (r"memory_free_gb", "free"), (r"process_memory_gb", "process"))),
    ("GPU utilization %", ((r"gpu_(\d+)_utilization", r"GPU \1"),)),
    ("GPU memory GB", ((r"gpu_(\d+)_mem_used_gb", r"GPU \1"), (r"gpu_(\d+)_mem_free_gb", r"GPU \1 free"))),
    ("GPU memory %", ((r"gpu_(\d+)_mem_usage", r"GPU \1"),)),
    ("GPU power W", ((r"gpu_(\d+)_power_usage", r"GPU \1"),)),
    ("temperature, Celsius", ((r"gpu_(\d+)_temperature", r"GPU \1"), (r"cpu_temperature", "CPU"))),
    ("disk MB/s", ((r"(?:disk|io)_read_mbs", "read"), (r"(?:disk|io)_write_mbs", "write"))),
    ("disk free %", ((r"disk_free_percent", "free"),)),
    ("network MB/s", ((r"network_rx_mbs", "received"), (r"network_tx_mbs", "sent"))),
)
"""Each chart, the names of its series as they are recorded, and what these are called in it; in this order."""


def charted(metrics: Sequence[MetricRow]) -> list[MetricRow]:
    """Return the machine's metrics with the chart they stand in as title, in the order of the charts.

    One that the table does not know keeps its title and name, behind the others.
    """
    placed = sorted((_placed(metric) for metric in metrics), key=lambda pair: pair[0])
    return [metric for _, metric in placed]


def _placed(metric: MetricRow) -> tuple[int, MetricRow]:
    for place, (title, names) in enumerate(CHARTS):
        for recorded, called in names:
            found = re.fullmatch(recorded, metric.series, re.ASCII)
            if found and metric.title in (f"{MONITOR}machine", f"{MONITOR}gpu"):
                return place, replace(metric, title=f"{MONITOR}{title}", series=found.expand(called))
    return len(CHARTS), metric
