"""Questions over the index."""
