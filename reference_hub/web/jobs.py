"""stub"""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("jobs", __name__)
