"""Files to `Samples`: folders, tables, public sets of one layout."""
