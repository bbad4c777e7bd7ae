"""What may be published: the gate, redaction, keys, and the attacker that tries to undo it."""
