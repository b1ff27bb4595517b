"""One file per rule, named by its id. A rule knows the frame and never another rule."""
