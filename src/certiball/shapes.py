"""Names for array types. Shapes are checked only under pytest; users pay nothing.

Records are verified with few packages installed; without jaxtyping the names mean any array.
"""

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float, Float32, Int64, Integer, Shaped, UInt16, UInt64
else:
    try:
        from jaxtyping import Float, Float32, Int64, Integer, Shaped, UInt16, UInt64
    except ImportError:

        class _Anything:
            def __getitem__(self, shape: Any) -> Any:
                return Any

        Float = Float32 = Int64 = Integer = Shaped = UInt16 = UInt64 = _Anything()

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

Values: TypeAlias = Float[np.ndarray, "..."]  # numbers in the units of the model's input
Levels: TypeAlias = Integer[np.ndarray, "..."]  # the same inputs as integers on a grid
Batch: TypeAlias = Shaped[np.ndarray, "n ..."]  # n inputs, levels or values
Rows: TypeAlias = Float32[np.ndarray, "rows features"]  # what a model sees, flattened
Labels: TypeAlias = Int64[np.ndarray, " n"]
Counts: TypeAlias = Int64[np.ndarray, "chunks classes"]  # votes of each chunk for each class
Words: TypeAlias = UInt64[np.ndarray, " words"]
HalfWords: TypeAlias = UInt16[np.ndarray, " halves"]
