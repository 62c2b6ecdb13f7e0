"""How attacks by questions go on: a search per input, and the scheduler of them all."""
