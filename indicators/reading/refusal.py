"""The one exception by which a file as a whole is turned away; a fault in a cell is a Finding instead."""


class Refused(Exception):
    """A file that is not read at all.

    code: stable short name. message: a Chinese sentence that says what is wrong and what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
