"""What a page says about its article, and how each of it is known: rules over one parsed tree, none for one host.

>>> page = read_markup(tree, url)      # the head, marked elements and JSON-LD, in one walk
>>> metadata = read_metadata(page, read_title(page), lines, fetched)    # authors, dates, section, images, flags
"""
