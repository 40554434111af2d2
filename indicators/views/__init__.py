"""Pages of the ledgers and of the import desk: each names its rule, fetches through the owner, calls one verb."""
