"""A data set's prepared views on disk, windows of which are read without the whole."""

from fourview.io.store.kind import StoreKind, read_kind
from fourview.io.store.reading import Store
from fourview.io.store.view import StoredView

__all__ = ["Store", "StoreKind", "StoredView", "read_kind"]
