"""One technique of an attacker a file, named by its id; they do not know each other."""
