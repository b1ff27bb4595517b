"""The fast form of the same meaning, held equal to ``authorizers.reference`` by tests."""
