"""Employee surveys: one module a format, one place where answers become numbers."""
