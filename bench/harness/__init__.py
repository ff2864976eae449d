"""The machinery of ``bench/run``: instruments, contestants, measures, targets and the report."""
