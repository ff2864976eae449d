"""Paper: documents that people keep, made from plain data.

Owns the layout and the words in each language. Knows no books and computes no amount.
"""
