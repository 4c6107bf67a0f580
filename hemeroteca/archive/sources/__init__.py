"""Which newspapers an archive has: their cards, and the first look at a new one."""
