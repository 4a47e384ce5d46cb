"""Sound in, transcript out.

Holds: decoding, voice activity, recognition engines, the model catalogue, the transcript itself.
Does not: know Django, a database, customers, or what the words mean (that is ``language``).
Importing this package loads no native library: engines load inside a child process.
"""
