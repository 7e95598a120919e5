"""Stages: one package a concern, each an actor and its pure neighbours."""
