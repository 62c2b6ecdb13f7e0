"""What the process of the command line sets for itself, and the library never does for others."""

from certiball.process import keep_memory, settle_process, wait_asleep

__all__ = ["keep_memory", "settle_process", "wait_asleep"]
