"""Pairs of neighbouring Chinese characters: what matches however a text is cut into words.

Two texts may cut the same phrase differently (电动车 and 电动|电车); their pairs of characters
still agree. A pair is given a code, a whole number; codes of different pairs are different for all
characters in use. Nothing here ranks.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_LOW, _HIGH = 0x3400, 0xA000  # where Chinese characters in use stand
_WIDTH = _HIGH - _LOW

Codes = npt.NDArray[np.int32]


def bigrams(text: str) -> tuple[Codes, npt.NDArray[np.int64]]:
    """The code of each pair of neighbouring Chinese characters, and where it starts.

    `text` is folded, so that both scripts agree; a code is `first · width + second`.
    """
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.int64)
    chinese = (points >= _LOW) & (points < _HIGH)
    starts = np.flatnonzero(chinese[:-1] & chinese[1:])
    codes = (points[starts] - _LOW) * _WIDTH + points[starts + 1] - _LOW
    return codes.astype(np.int32), starts
