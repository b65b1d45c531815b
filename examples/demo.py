"""What `make demo` runs: a real training script in one process, the dashboard on it in another.

Each demo has a folder of its own under `.demo/` with a fresh store, the script's output and the model it writes, so
nothing of the user's own store is touched. With a terminal the dashboard opens while the script trains. Without one
(CI, a pipe) the script runs to its end, one plain frame of the dashboard is printed, and the exit status says whether
both went well.
"""

import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "examples" / "digits.py"
TUI = Path(sysconfig.get_path("scripts")) / "tui"


@dataclass(frozen=True)
class Demo:
    """The files of one demo."""

    folder: Path

    @property
    def store(self) -> Path:
        """The store everything of this demo is recorded in."""
        return self.folder / "store"

    @property
    def output(self) -> Path:
        """What the script prints; the dashboard has the terminal."""
        return self.folder / "digits.log"

    @property
    def environment(self) -> dict[str, str]:
        """The user's environment without their own settings for labtop, and with this store."""
        theirs = {name: value for name, value in os.environ.items() if not name.startswith("CAPTURE_")}
        return {**theirs, "CAPTURE_STORE": str(self.store)}


def new_demo() -> Demo:
    """A folder nobody used before, named by the time."""
    parent = ROOT / ".demo"
    parent.mkdir(exist_ok=True)
    return Demo(Path(tempfile.mkdtemp(prefix=time.strftime("%Y%m%d-%H%M%S-"), dir=parent)))


def start_script(demo: Demo, own_session: bool) -> "subprocess.Popen[bytes]":
    """Starts the training script as anybody would, its output going to a file.

    Args:
        demo: Where its store, output and model belong.
        own_session: Whether it outlives this terminal, as a script started with nohup does.
    """
    command = [sys.executable, str(SCRIPT), "--out", str(demo.folder / "digits_mlp.npz")]
    with demo.output.open("wb") as output:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=demo.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=own_session,
        )


def watch_live(demo: Demo) -> int:
    """Opens the dashboard while the script trains; gives the dashboard's exit status."""
    script = start_script(demo, own_session=True)
    # By the environment, not by --store: the script may not have made its store yet, which is then waited for.
    status = subprocess.run([TUI], env=demo.environment, check=False).returncode
    if script.poll() is None:
        print("The script goes on without the dashboard; its console is being recorded all the same.")
    elif script.returncode:
        print(f"The script ended with exit status {script.returncode}; what it printed: {shown(demo.output)}")
    print(f"This demo's store stays until `make clean`. To look again: {shown(TUI)} --store {shown(demo.store)}")
    return status


def run_plain(demo: Demo) -> int:
    """Runs the script to its end and prints one frame; 0 only when the frame shows it Completed."""
    print("No terminal: the script runs to its end (about 20 s), then comes one frame of the dashboard.", flush=True)
    script = start_script(demo, own_session=False)
    try:
        script.wait()
    finally:
        if script.poll() is None:
            script.terminate()
    once = [str(TUI), "--once", "--store", str(demo.store)]
    frame = subprocess.run(
        once, env=demo.environment, stdout=subprocess.PIPE, encoding="utf-8", errors="replace", check=False
    )
    print(frame.stdout, end="", flush=True)
    complaint = complaint_about(script.returncode, frame)
    if complaint:
        print(f"{complaint} What the script printed:\n{demo.output.read_text(errors='replace')}", file=sys.stderr)
    return 1 if complaint else 0


def complaint_about(script_status: int, frame: "subprocess.CompletedProcess[str]") -> str | None:
    """The sentence that says what went wrong, if anything did."""
    if script_status:
        return f"The script ended with exit status {script_status}."
    if frame.returncode:
        return f"`tui --once` ended with exit status {frame.returncode}."
    if "Completed" not in frame.stdout:
        return "The frame does not show the task as Completed."
    return None


def shown(path: Path) -> str:
    """The path as it is typed from the current folder."""
    return os.path.relpath(path)


def main() -> int:
    """Runs the demo that fits where it was started."""
    if not TUI.exists():
        print("labtop is not installed beside this Python. Run `make demo`, which sees to that.", file=sys.stderr)
        return 1
    demo = new_demo()
    live = sys.stdin.isatty() and sys.stdout.isatty()
    return watch_live(demo) if live else run_plain(demo)


if __name__ == "__main__":
    sys.exit(main())
