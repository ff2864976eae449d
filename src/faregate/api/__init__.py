"""The control-plane API: operators' commands and views over HTTP, the only door of console and scripts.

Owns its operations, their bodies, their errors and the OpenAPI document. Decides nothing; the office and the views
do.
"""
