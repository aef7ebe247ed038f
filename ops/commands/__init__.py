"""The commands as a terminal has them: arguments in, tables and exit codes out."""
