"""What is done to queues and workers from their screen, one coroutine a word; refusals are the store's sentences.

Each gets the screen, which knows what there is and is told to look again when something was done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from store import clock
from store.errors import LabtopError
from store.lifecycle import Action

from . import keymap
from .dialogs.confirm import ConfirmDialog
from .dialogs.pick import PickDialog
from .dialogs.prompt import PromptDialog
from .verbs.base import PAST, each, plan, sure

if TYPE_CHECKING:
    from store.records import QueueRow, WorkerRow

    from .screens.queues import QueuesScreen

DEFAULT = "default"
LAST = 1 << 30


async def _done(screen: QueuesScreen, name: str, *args: object, said: str = "", **options: object) -> str:
    """Run a function of ``store.queues`` and look again; return why it was refused, else empty."""
    try:
        await screen.data.steer(name, *args, **options)
    except LabtopError as error:
        return str(error)
    finally:
        await screen.look_again()
    if said:
        screen.say(said)
    return ""


async def _requeue(screen: QueuesScreen, task: str, place: int, queue: str | None = None, said: str = "") -> None:
    """Move a task, as a step that can be undone."""
    try:
        await screen.data.command("requeue", task, place, queue=queue)
        screen.say(said)
    except LabtopError as error:
        screen.say(str(error), "refused")
    finally:
        await screen.look_again()


async def _tell(screen: QueuesScreen, problem: Awaitable[str]) -> None:
    if sentence := await problem:
        screen.say(sentence, "refused")


async def _agreed(screen: QueuesScreen, dialog: ConfirmDialog) -> bool:
    return await screen.labtop.push_screen_wait(dialog) is True


# Tasks in their queues ----------------------------------------------------------------------------------------------


async def shift(screen: QueuesScreen, task: str, by: int) -> None:
    """Move a task up or down in its queue."""
    queue = screen.floor.queue_of(task)
    place = queue.tasks.index(task) + by if queue is not None else 0
    if queue is not None and 0 <= place < len(queue.tasks):
        await _requeue(screen, task, place)


async def first(screen: QueuesScreen, task: str) -> None:
    """Have a task claimed before all others of its queue."""
    await _requeue(screen, task, 0)


async def elsewhere(screen: QueuesScreen, task: str) -> None:
    """Move a task to the end of another queue, which is asked for."""
    floor, here = screen.floor, screen.floor.queue_of(task)
    others = [(queue.name, _count(queue)) for queue in floor.queues if queue != here]
    if not others:
        screen.say(f"There is no other queue. Make one first ({keymap.now('queue.new')}).", "refused")
        return
    title = f"Move {floor.named(task)}"
    picked = await screen.labtop.push_screen_wait(PickDialog(title, "To the end of which queue?", others))
    if picked:
        await _requeue(screen, task, LAST, picked, f"Moved {floor.named(task)} to {picked}.")


def _count(queue: QueueRow) -> str:
    return f"{len(queue.tasks):,} waiting" if queue.tasks else "empty"


# Queues -------------------------------------------------------------------------------------------------------------


async def new(screen: QueuesScreen) -> None:
    """Make a queue."""

    async def take(line: str) -> str:
        return await _done(screen, "create", line, screen.data.by, said=f'Made the queue "{line}".')

    await screen.labtop.push_screen_wait(PromptDialog("New queue", "Its name, at least 3 characters.", "", take))


async def rename(screen: QueuesScreen, queue: QueueRow) -> None:
    """Rename a queue."""
    text = "Its new name. Agents that were started with the old one no longer get its tasks."

    async def take(line: str) -> str:
        said = f'The queue "{queue.name}" is "{line}" now.'
        return await _done(screen, "rename", queue.name, line, screen.data.by, said=said)

    await screen.labtop.push_screen_wait(PromptDialog(f'Rename the queue "{queue.name}"', text, queue.name, take))


async def delete(screen: QueuesScreen, queue: QueueRow) -> None:
    """Delete a queue; one in which tasks wait is refused before it is asked."""
    dialog = ConfirmDialog(f'Delete the queue "{queue.name}"?', "Agents that serve it get nothing from it.", "delete")
    refused = bool(queue.tasks) or queue.name == DEFAULT
    if refused or await _agreed(screen, dialog):
        said = f'Deleted the queue "{queue.name}".'
        await _tell(screen, _done(screen, "delete", queue.name, screen.data.by, said=said))


async def clear(screen: QueuesScreen, queue: QueueRow) -> None:
    """Dequeue every task of a queue, as one step that can be undone."""
    rows = [row for task in queue.tasks if (row := screen.floor.rows.get(task)) is not None]
    if not rows:
        screen.say(f'The queue "{queue.name}" is empty.')
        return
    chosen = plan(Action.DEQUEUE, rows)
    if await sure(screen.labtop, chosen, "They become Drafts again."):
        (await each(screen.labtop, chosen, "dequeue", PAST[Action.DEQUEUE])).tell(screen.labtop)
        await screen.look_again()


# Workers ------------------------------------------------------------------------------------------------------------


async def drain(screen: QueuesScreen, worker: WorkerRow) -> None:
    """Let an agent end after its task, or take that back."""
    if worker.state == "draining":
        said = f"{worker.name} takes tasks again."
        await _tell(screen, _done(screen, "ask", worker.id, "idle", said=said))
        return
    task = f"after {screen.floor.named(worker.task)}" if worker.task else "at once, having no task"
    text = f"It takes no more tasks, and ends {task}. Until then d takes it back."
    await _ask(screen, worker, "drain", "draining", text)


async def stop(screen: QueuesScreen, worker: WorkerRow) -> None:
    """Let an agent end now."""
    text = f"{screen.floor.named(worker.task)} is aborted, and the agent ends." if worker.task else "The agent ends."
    await _ask(screen, worker, "stop", "stopping", text)


async def _ask(screen: QueuesScreen, worker: WorkerRow, verb: str, state: str, text: str) -> None:
    if worker.lost(clock.now()):
        screen.say(f"Cannot {verb} {worker.name}: it was lost, there is nobody to ask.", "refused")
    elif worker.state == "stopping":
        screen.say(f"Cannot {verb} {worker.name}: it is stopping already.", "refused")
    elif await _agreed(screen, ConfirmDialog(f"{verb.capitalize()} {worker.name}?", text, verb)):
        await _tell(screen, _done(screen, "ask", worker.id, state, said=f"Asked {worker.name} to {verb}."))


ON_TASKS: dict[str, Callable[[QueuesScreen, str], Awaitable[None]]] = {
    "earlier": lambda screen, task: shift(screen, task, -1),
    "later": lambda screen, task: shift(screen, task, 1),
    "first": first,
    "elsewhere": elsewhere,
}
ON_QUEUES: dict[str, Callable[[QueuesScreen, QueueRow], Awaitable[None]]] = {
    "rename": rename, "delete": delete, "clear": clear,
}  # fmt: skip
ON_WORKERS: dict[str, Callable[[QueuesScreen, WorkerRow], Awaitable[None]]] = {"drain": drain, "stop": stop}
"""What a key may ask for, by the word it says."""
