"""The cluster: the only package that speaks to the network."""
