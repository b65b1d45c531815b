"""Answers of ``nvidia-smi`` as machines have given them; no GPU is needed to read them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from capture import gpus
from capture.gpus import Card
from capture.monitor import GPU, Monitor

FIRST, SECOND = "GPU-5f1d6a0c-7c1e-93b2-1f0a-2f4e0b5f7f11", "GPU-0b8fd31e-52f3-0d3c-8d51-6d0c9f5e2a77"
TWO = (
    f"0, NVIDIA A100-SXM4-80GB, 97, 40536, 81920, 61, 312.40, {FIRST}\n"
    f"1, NVIDIA A100-SXM4-80GB, 0, 4, 81920, 29, 58.11, {SECOND}\n"
)
MIG = f"0, NVIDIA A800-SXM4-80GB, [N/A], 36537, 81920, 33, 87.02, {FIRST}\n"
OLD = f"0, Tesla K80, 12, 300, 11441, 40, [Not Supported], {FIRST}\n"
ODD = f"0, Quadro, P400 Special, 3, 100, 2000, 50, [Unknown Error], {FIRST}\n"
DRIVER = (
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA "
    "driver is installed and running.\n\n"
)
LOST = "Unable to determine the device handle for GPU 0000:41:00.0: Unknown Error\n"


def test_several_cards() -> None:
    answer = gpus.parse(TWO)
    assert answer.error == ""
    assert answer.cards[0] == Card(0, "NVIDIA A100-SXM4-80GB", 97.0, 40536.0, 81920.0, 61.0, 312.4, FIRST)
    assert [card.index for card in answer.cards] == [0, 1]


@pytest.mark.parametrize(
    ("text", "name", "missing"),
    [
        (MIG, "NVIDIA A800-SXM4-80GB", "utilization"),
        (OLD, "Tesla K80", "power"),
        (ODD, "Quadro, P400 Special", "power"),
    ],
)
def test_what_a_card_does_not_tell_is_none_and_the_rest_stays(text: str, name: str, missing: str) -> None:
    (card,) = gpus.parse(text).cards
    assert card.name == name
    assert getattr(card, missing) is None
    assert card.memory_used is not None


@pytest.mark.parametrize(("text", "code"), [(DRIVER, 9), ("No devices were found\n", 6), ("", 12), (LOST, 255)])
def test_a_broken_driver_has_no_cards_and_a_reason(text: str, code: int) -> None:
    answer = gpus.parse(text, code)
    assert answer.cards == []
    assert answer.error


def test_a_lost_card_does_not_hide_the_others() -> None:
    answer = gpus.parse(LOST + TWO, 255)
    assert len(answer.cards) == 2
    assert "Unknown Error" in answer.error


def test_the_command_is_asked_and_its_absence_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpus, "_not_before", 0.0)
    fake = tmp_path / "nvidia-smi"
    fake.write_text(f"#!/bin/sh\necho \"$@\" >> {tmp_path}/asked\ncat <<'END'\n{TWO}END\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert len(gpus.read().cards) == 2
    assert "--format=csv,noheader,nounits" in (tmp_path / "asked").read_text()
    fake.write_text("#!/bin/sh\necho x >> " + str(tmp_path / "asked") + "\nexit 9\n")
    before = (tmp_path / "asked").read_text()
    assert gpus.read().cards == []
    assert gpus.read().cards == []
    assert (tmp_path / "asked").read_text() == before + "x\n", "a machine without GPUs is asked once, not each time"


def test_cards_become_scalars_without_what_they_do_not_tell(tmp_path: Path) -> None:
    monitor = Monitor(tmp_path)
    process = monitor.watch("script", os.getpid())
    monitor.add_gpus(gpus.parse(MIG).cards)
    assert monitor.report("script") == {}, "not before a few seconds have passed"
    process.due = 0.0
    values = monitor.report("script")
    assert values[GPU, "gpu_0_mem_used_gb"] == pytest.approx(36537 / 1024)
    assert values[GPU, "gpu_0_mem_usage"] == pytest.approx(100 * 36537 / 81920)
    assert (GPU, "gpu_0_utilization") not in values
