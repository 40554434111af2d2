"""Uploaded files on disk: whole or not at all. Where they lie and how they are named is the models' matter."""

from typing import Any

from django.core.files.storage import FileSystemStorage


class WholeFiles(FileSystemStorage):
    """Django's storage, which leaves half a file behind when the disk is full; this one does not."""

    def _save(self, name: str, content: Any) -> str:
        try:
            return str(super()._save(name, content))  # type: ignore[misc]  # the stubs do not know it
        except OSError:
            self.delete(name)
            raise
