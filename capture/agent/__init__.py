"""The agent: takes Pending tasks from queues and runs them here.

Three processes a task. The *daemon* (``capture agent``) claims tasks, keeps its lease and asks for ends. For each task
it starts a *runner*, without SQL, whose journal is the execution's primary one: it starts the script with the stored
values in a file, has its whole output followed, ends its whole process tree, and says how it ended. The *script* runs
as it would by hand, without arguments. When the daemon dies the runner ends the script: no task ever lives twice.
"""
