"""The words of the archive: types and errors. No I/O; imports nothing else of ours."""
