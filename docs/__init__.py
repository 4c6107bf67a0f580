"""The pages about hemeroteca, and what makes parts of them from the code: `make docs`."""
