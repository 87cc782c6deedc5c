"""The integrity report in the console: the last one, an earlier one, a new one."""
