"""Plain tables of a client: the people list, skills, the inbox, and any table with a mapping."""
