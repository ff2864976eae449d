"""The command line: `faregate` and its commands, in English and Chinese.

Owns what people type and read. Rules live further in; a module here imports what it needs only when its command runs.
"""
