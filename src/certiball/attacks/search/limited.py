"""A search that ends by itself after so many queries: the budgets that articles state."""

from certiball.attacks.search.ask import Search
from certiball.shapes import Array


def limited(search: Search, queries: int) -> Search:
    """The same search, ended with its best point when it would ask more than so many."""
    asked = 0
    try:
        ask = next(search)
        while asked + len(ask.points) <= queries:
            asked += len(ask.points)
            ask = search.send((yield ask))
    except StopIteration as end:
        found: Array | None = end.value
        return found
    search.close()
    return ask.best
