"""The words of the archive: types and errors. No I/O; imports none of our other modules."""
