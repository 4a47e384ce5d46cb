"""Recordings: audio as received, the job that each one is, conversations, transcripts, playback.

Tables: Recording, Conversation, Transcript, SegmentEdit, Worker. Does not: know what words mean.
"""
