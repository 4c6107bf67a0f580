"""Worker processes that clean pages, so that a hostile page harms only itself."""
