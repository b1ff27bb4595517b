"""What somebody could do with what they hold: techniques, the graph that they make, and the questions on it.

``technique`` is the plug point; ``techniques`` has one file each. ``world`` is what is known of accounts, pods and nodes,
``footholds`` names the places where an attacker can stand, ``actors`` who does (``frontier`` who only comes into being on the
way). ``build`` makes the graph (``hops``), ``asking`` asks every technique: ``variants`` tests what somebody holds, ``beyond``
what of it is theirs and not a group's, ``naming`` what is limited to names, ``evidence`` which grants it rests on. ``paths``,
``cut`` (with ``units`` and ``hitting``) and ``blast`` search it, from ``targets``; ``drawing`` makes a graph to look at, ``words``
says it. ``rights``, ``reach``, ``binding``, ``identities``, ``runners``, ``kubelets``, ``clouds`` and ``operators`` are what
several techniques ask; ``peers`` maps what other tools draw.
"""
