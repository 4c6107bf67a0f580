"""What an archive costs as it grows: its catalog, its commands and its nights."""
