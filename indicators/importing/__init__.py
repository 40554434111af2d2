"""From a file to ledgers: received, read in the worker, confirmed by a person, stored in one transaction."""

from indicators.importing.choices import Choices, LedgerChoice
from indicators.importing.confirming import confirm, heading, import_file
from indicators.importing.correcting import correct, forget
from indicators.importing.kept import drafted, said_of, unpack
from indicators.importing.parsing import parse, read_upload
from indicators.importing.receiving import ImportRefused, discard, read_again, receive
from indicators.importing.storing import is_scored, names, store, store_upload

__all__ = [
    "Choices",
    "ImportRefused",
    "LedgerChoice",
    "confirm",
    "correct",
    "discard",
    "drafted",
    "forget",
    "heading",
    "import_file",
    "is_scored",
    "names",
    "parse",
    "read_again",
    "read_upload",
    "receive",
    "said_of",
    "store",
    "store_upload",
    "unpack",
]
