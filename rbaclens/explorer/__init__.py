"""The page to look at all of it: one self-contained HTML file, or the same served on loopback."""
