"""The policy pack of this repository: its configuration, its command, and the package of rules."""
