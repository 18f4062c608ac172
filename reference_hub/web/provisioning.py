"""stub"""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("provisioning", __name__)
