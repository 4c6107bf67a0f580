"""Getting data out of the analyst's tables: searched, queried with SQL, written to files."""
