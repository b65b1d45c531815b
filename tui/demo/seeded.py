"""What stands in the demo's store when it opens: tasks of all seven states over the last hours, queues, a machine."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass

from store import commands, hosts, queues, who
from store.engine import Store, open_store
from store.ingest import ingest
from store.paths import Location
from store.records import GpuRow, Holder, HostRow, Load

from .training import HOST, Training

MINUTE = 60.0
DIGITS = "Handwritten digits: which network, and which learning rate, before the larger data set is tried."


@dataclass(frozen=True)
class Plan:
    """A task: how many minutes ago it began, how it goes on and ends; without an end it is still Running."""

    ago: float
    project: str
    name: str
    model: str
    rate: float
    epochs: int
    end: str = "completed"
    at: int = 0
    reason: str = ""
    tags: tuple[str, ...] = ()
    pace: float = 12.0


PLANS = (
    Plan(320, "speech/ctc", "conformer small", "conformer-s", 0.08, 40, tags=("baseline",), pace=30),
    Plan(260, "speech/ctc", "conformer large", "conformer-l", 0.05, 40, "failed", 6,
         "MemoryError: CUDA out of memory: tried to allocate 2.40 GiB", pace=40),
    Plan(200, "text/lm", "char-lm 6 layers", "char-lm", 0.05, 40, pace=30),
    Plan(170, "vision/digits", "resnet18 baseline", "resnet18", 0.1, 40, tags=("baseline",)),
    Plan(140, "vision/digits", "resnet18 lr=0.3", "resnet18", 0.3, 40, "failed", 12,
         "FloatingPointError: loss is NaN at step 300"),
    Plan(110, "vision/digits", "resnet18 lr=0.03", "resnet18", 0.03, 40),
    Plan(80, "vision/digits", "vit-tiny", "vit-tiny", 0.05, 40, "aborted", 18, "interrupted (Ctrl-C)"),
    Plan(24, "text/lm", "char-lm 12 layers", "char-lm", 0.04, 200, "", 48, pace=30),
    Plan(2, "vision/digits", "resnet34 lr=0.05", "resnet34", 0.05, 180, "", 60, tags=("sweep",), pace=2),
)  # fmt: skip


def seed(location: Location) -> list[Training]:
    """Fill a new store; returns the trainings that go on."""
    by = who.by()
    with open_store(location) as store:
        trained = {plan.name: _train(store, plan, by) for plan in PLANS}
        baseline, failed = trained["resnet18 baseline"].task, trained["resnet18 lr=0.3"].task
        commands.publish(store, baseline, by=by)
        commands.describe(store, baseline, by=by, comment="What every change is measured against.")
        commands.describe_project(store, "vision/digits", DIGITS, by=by)
        commands.set_baseline(store, "vision/digits", baseline, by=by)
        draft = commands.clone(store, trained["resnet18 lr=0.03"].task, by=by, name="resnet18 lr=0.01")
        commands.edit(store, draft, {"Args/lr": "0.01"}, by=by)
        waiting = commands.clone(store, failed, by=by, name="resnet18 lr=0.15")
        commands.edit(store, waiting, {"Args/lr": "0.15"}, by=by)
        queues.create(store, "nightly")
        commands.enqueue(store, waiting, by=by, queue="nightly")
        _machine(store, trained["resnet34 lr=0.05"].task)
    return [trained[plan.name] for plan in PLANS if not plan.end]


def _train(store: Store, plan: Plan, by: str) -> Training:
    began = time.time() - plan.ago * MINUTE
    training = Training(uuid.uuid4().hex, plan.name, plan.rate, plan.epochs, began, plan.pace)
    start = training.start(plan.project, plan.tags, by.partition("@")[0])
    training.execution = ingest(store, [training.first(start, plan.model)], by)[0].execution
    batches = [training.train(plan.at or plan.epochs)]
    if plan.end:
        batches.append(training.end(plan.end, plan.reason))
    ingest(store, batches, by)
    return training


def _machine(store: Store, task: str) -> None:
    """A machine with three GPUs: one is held by a task, one by somebody else, one is free."""
    name, size = "NVIDIA A100-SXM4-80GB", 81920.0
    holders = (Holder(3120, who.user(), task, 40448.0), Holder(2954, "", "", 61440.0), None)
    busy = ((97.0, 40960.0), (88.0, 61440.0), (0.0, 4.0))
    gpus = tuple(
        GpuRow(n, name, percent, used, size, (holder,) if holder else ())
        for n, ((percent, used), holder) in enumerate(zip(busy, holders, strict=True))
    )
    hosts.note(store, HostRow(HOST, time.time(), Load(34.0, 96e9, 540e9, 812e9, 2000e9), gpus))
