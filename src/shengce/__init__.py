"""Shengce 声策: every recorded sales conversation becomes facts with playable evidence."""

__version__ = "0.1.0"
