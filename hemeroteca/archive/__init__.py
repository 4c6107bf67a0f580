"""What the archive does: plan, crawl, clean, publish, read back."""
