"""What one check finds. No torch: records are checked without it."""

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How bad a finding is."""

    OK = "ok"
    OPEN = "open"  # not checked, or taken on trust: said, so that nobody thinks it was checked
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check found, and what to do about it."""

    check: str
    level: Level
    text: str
    remedy: str = ""
