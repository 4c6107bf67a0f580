"""From archived pages to documents: cleaning, and what it remembers of a site."""
