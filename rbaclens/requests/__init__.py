"""Ways to say a request: words, an HTTP line, an access review."""
