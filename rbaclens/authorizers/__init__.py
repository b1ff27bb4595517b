"""What the API server would answer: matching, each authorizer module, and the chain."""
