"""Stops keeping an upload while it arrives, once it is too large; looks at no byte of it."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class SizeLimit(FileUploadHandler):
    """First of a request's upload handlers: what comes after `most` bytes of a file is thrown away unread.

    The other fields of the form still arrive, so that the page can say what happened.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.passed = False
        self.size = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.size = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.size += len(raw_data)
        if self.size > self.most:
            self.passed = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
