"""The audit: rules over effective access, findings, and what may be done about them."""
