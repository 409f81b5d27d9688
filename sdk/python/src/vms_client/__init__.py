"""Typed client of the VMS HTTP API."""

from . import models
from .connection import Tokens
from .operations import Operations
from .problem import FieldProblem, VmsProblem

__all__ = ["FieldProblem", "Tokens", "Vms", "VmsProblem", "models"]


class Vms(Operations):
    """The API of one server. Every method raises VmsProblem for what the server refuses, and OSError where it cannot be reached."""
