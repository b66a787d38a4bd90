"""Recordings of streams (VOD): each is a folder that plays as HLS."""
