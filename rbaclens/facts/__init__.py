"""Data that ships: the bootstrap policy and the API resources, by Kubernetes version."""
