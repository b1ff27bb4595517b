"""The plain reference evaluator: written to be obviously right, never optimised, kept for ever.

It reads the PolicySet from front to back for every request. The compiled index and the production authorizers are held
equal to it by property tests (``tests/agreement``).
"""
