"""What can go wrong that no stage can answer with a value.

BroadsheetError
├── ExportError         the feeds cannot be written as files
├── ReaderError         no process that reads documents can be started
└── StoreError          the store cannot be opened, migrated or written
    └── StoreHeldError  another process already pulls into this store

Expected outcomes (a 304, a source that answers HTML, a malformed seed, a config.toml with
problems) are values: see `model`.
"""

from __future__ import annotations


class BroadsheetError(Exception):
    """The root: its text says what, where and what to do, and is shown to the operator as it is."""


class ExportError(BroadsheetError):
    """The feeds cannot be written as files."""


class ReaderError(BroadsheetError):
    """No process that reads documents can be started."""


class StoreError(BroadsheetError):
    """The store cannot be opened, migrated or written."""


class StoreHeldError(StoreError):
    """Another process already pulls into this store; the text names it."""
