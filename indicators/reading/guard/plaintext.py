"""Text files before they are read: their encoding, their lines and the length of one; splits no columns."""

import codecs

from indicators.reading.guard.limits import Limits
from indicators.reading.refusal import Refused

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ENCODINGS = ("utf-8", "gb18030")


def decode(content: bytes) -> str:
    """The words of a text file: by its mark, else UTF-8, else GB18030. Raises Refused when it is neither."""
    marked = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), None)
    for encoding in (marked,) if marked else _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(
        "encoding", "认不出文本的编码（既不是 UTF-8 也不是 GB18030）；用 Excel 或 WPS 打开并另存为 .xlsx 后再上传"
    )


def check_text(content: bytes, limits: Limits) -> None:
    """Pass a text that is safe to split into rows and columns. Raises Refused with a sentence."""
    text = decode(content)
    lines = text.count("\n") + text.count("\r") - text.count("\r\n") + 1
    if lines > limits.last_row * 2:
        raise Refused("too-many-rows", f"文件有 {lines} 行，最多 {limits.last_row} 行；删去多余的行后再上传")
