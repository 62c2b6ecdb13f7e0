"""The laws by name: on the command line and in stored specifications. One table, no other."""

from certiball.laws.gaussian import Gaussian

NAMES: dict[str, type] = {
    "gaussian": Gaussian,
}
