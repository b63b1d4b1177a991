"""The demo company.

The addon loads nothing of it by itself: ``furniture.load(env)`` is called on purpose.
"""
