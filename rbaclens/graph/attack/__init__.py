"""What somebody could do with what they hold: techniques, the graph that they make, and the questions on it.

``technique`` is the plug point; ``techniques`` has one file each. ``world`` is what is known of accounts, pods and nodes, ``footholds``
names the places where an attacker can stand. ``build`` makes the graph, ``paths``, ``cut`` and ``blast`` search it.
"""
