"""The processes that extract, so that a hostile page harms only its own."""
