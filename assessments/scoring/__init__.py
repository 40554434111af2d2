"""The arithmetic of an assessment, over plain data: no Django, no database, no floats.

`ENGINE_VERSION` goes into the seal of a published round; it changes when any rule here changes a number.
"""

ENGINE_VERSION = "1"
