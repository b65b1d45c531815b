"""Listening to libraries: each hook patches one library when it is imported, and only that."""
