"""The store of a folder's campaigns: one SQLite file, beside that of a run where there is one.

It is opened as carefully as a run's. Answers are the stored fact; results follow from them.
"""

from pathlib import Path

from certiball.runs.store import Form

FILE, LOCK = "attacks.sqlite", "attacks.lock"
APPLICATION = int.from_bytes(b"batk")  # marks the file as one of attacks

# Inputs are kept as they were encoded: distances in other norms can be measured without the data.
# Answers are zlib-compressed little-endian uint32: the class that each question was answered with,
# or the votes for each class. A distance of NULL is that of a point that was not found.
_FIRST = """
CREATE TABLE campaigns (
    id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, spec TEXT NOT NULL,
    seed TEXT NOT NULL, chosen INTEGER NOT NULL, planned INTEGER NOT NULL,
    started TEXT NOT NULL, environment TEXT NOT NULL);
CREATE TABLE inputs (input INTEGER PRIMARY KEY, label INTEGER NOT NULL, point BLOB NOT NULL);
CREATE TABLE answers (
    campaign INTEGER NOT NULL REFERENCES campaigns (id), input INTEGER NOT NULL,
    first INTEGER NOT NULL, questions INTEGER NOT NULL, packed BLOB NOT NULL,
    PRIMARY KEY (campaign, input, first)) WITHOUT ROWID;
CREATE TABLE results (
    campaign INTEGER NOT NULL REFERENCES campaigns (id), input INTEGER NOT NULL,
    status TEXT NOT NULL, queries INTEGER NOT NULL, forwards INTEGER NOT NULL,
    backwards INTEGER NOT NULL, distance REAL, history TEXT NOT NULL, point BLOB NOT NULL,
    PRIMARY KEY (campaign, input)) WITHOUT ROWID;
CREATE TABLE verdicts (
    campaign INTEGER NOT NULL REFERENCES campaigns (id), input INTEGER NOT NULL,
    level REAL NOT NULL, distance REAL, forwards INTEGER NOT NULL, point BLOB NOT NULL,
    PRIMARY KEY (campaign, input)) WITHOUT ROWID;
"""

FORM = Form(
    file=FILE,
    application=APPLICATION,
    absent=f"holds no attacks (it has no {FILE}): certiball attack makes them",
    steps=(_FIRST,),
)


def has_campaigns(folder: Path) -> bool:
    """Whether there are attacks in a folder."""
    return (folder / FILE).exists()
