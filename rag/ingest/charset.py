"""A charset that is declared beside some bytes, in a header: it counts only where they agree.

Guessing from the bytes themselves is left to `decode`.
"""

from __future__ import annotations

import codecs
from contextlib import suppress


def in_utf8(data: bytes, charset: str | None) -> bytes:
    """The bytes in UTF-8 when they are in the declared charset, else as they are.

    Bytes that are UTF-8 already stay, whatever is declared; GB2312 stands for all that extends it.
    """
    name = (charset or "").lower()
    if name in ("gb2312", "gbk", "gb_2312-80", "x-gbk", "cp936"):
        name = "gb18030"
    # Bytes that look like ASCII may be of a charset that writes with escapes.
    if not name or (data.isascii() and not name.startswith(("iso-2022", "hz", "utf-7"))):
        return data
    with suppress(UnicodeDecodeError):
        data.decode("utf-8")
        if not data.isascii():
            return data
    with suppress(LookupError, ValueError):
        # Names of hosts are decoded in time that grows with the square of their length.
        if codecs.lookup(name).name in ("punycode", "idna"):
            return data
        return data.decode(name).encode("utf-8", "replace")
    return data
