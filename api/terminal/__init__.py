"""The terminal: asking, following and checking from a command line. Each command is a file; `api.cli` imports it when it
is called for, so that `tickmark --help` loads none of this."""
