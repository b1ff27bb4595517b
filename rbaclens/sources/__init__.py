"""Bytes to PolicySet: files, folders, stdin; YAML, JSON, ABAC lines; and where each thing stands."""
