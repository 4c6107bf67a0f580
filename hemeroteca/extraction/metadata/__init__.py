"""What a page says about its article (title, authors, dates, pictures), and how each of it is known.

>>> markup = read_markup(tree, url)    # the head, marked elements and JSON-LD, in one walk
>>> metadata = read_metadata(markup, read_title(markup), lines, fetched)

There is no rule for a single host.
"""
