"""A dashboard that is open tells of real scripts: one that fails, one whose loss turns NaN and that ends later."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.support import eventually
from tests.system.conftest import Lab
from tests.tui.test_notices import bells
from tests.tui.test_output_pty import TUI, session, settled

FAILS = """
    from capture import Task
    task = Task.init(project_name="vision/resnet", task_name="it fails")
    raise RuntimeError("CUDA out of memory")
"""
DIVERGES = """
    import sys
    from capture import Task
    task = Task.init(project_name="vision/resnet", task_name="it diverges")
    logger = task.get_logger()
    logger.report_scalar("loss", "train", 0.5, 1)
    print("begun", flush=True)
    for line in sys.stdin:
        logger.report_scalar("loss", "train", float(line), 2)
"""
WRITES = """
    import json, os, sys
    with open(sys.argv[1], "a") as file:
        file.write(json.dumps({name: os.environ[f"LABTOP_{name}"] for name in sys.argv[2:]}) + "\\n")
"""


def written(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


@pytest.mark.slow
def test_scripts_that_fail_or_diverge_are_told_of_once_and_handed_to_the_users_command(lab: Lab) -> None:
    file, names = lab.folder / "told", ("TASK_NAME", "TASK_STATUS", "TASK_PROJECT", "MESSAGE")
    config, program = lab.folder / "config.toml", lab.write("tell.py", WRITES)
    config.write_text(f"[tui]\nnotices = 'bell'\nnotice_command = 'python3 {program} {file} {' '.join(names)}'\n")
    lab.environ["CAPTURE_CONFIG"] = str(config)
    script = lab.start(lab.write("diverges.py", DIVERGES), stdin=subprocess.PIPE)
    assert script.stdin is not None and script.stdout is not None
    script.stdout.readline()
    eventually(lambda: lab.tasks(), what="its task")
    with session(TUI, (100, 30), **lab.environ) as opened:
        opened.sees("it diverges")
        settled(opened)
        assert lab.run(lab.write("fails.py", FAILS)).returncode == 1
        opened.sees("is Failed: RuntimeError: CUDA out of memory.")
        script.stdin.write(b"nan\n")
        script.stdin.flush()
        opened.sees("is Running, and loss/train is NaN by iteration 2.")
        script.stdin.write(b"nan\n")
        script.stdin.close()
        script.stdin = None
        assert script.wait(30) == 0
        opened.sees("is Completed.")
        opened.until(lambda: len(written(file)) >= 3)
        settled(opened)
        assert bells(opened) == 3
    told = written(file)
    assert [(one["TASK_NAME"], one["TASK_STATUS"]) for one in told] == [
        ("it fails", "failed"), ("it diverges", "running"), ("it diverges", "completed"),
    ]  # fmt: skip
    assert all(one["TASK_NAME"] in one["MESSAGE"] and one["TASK_PROJECT"] == "vision/resnet" for one in told)
