"""Who can what as a graph: what it is made of, how it is built from the index, how it is searched, and every format of it.

``model`` has the one :class:`Graph`, ``kinds`` says what its nodes and edges mean. ``who_can_what`` and ``bindings`` build from an
engine; ``attack`` builds what somebody could do with what they hold. ``select`` and ``fold`` make a graph smaller and say what
they left out; ``formats`` writes it.
"""
