"""Which checks of receivers are written for xStudent of Unity 4 and say nothing of other models.

The others ask about transport and messages: what a student is called they take from the client.
"""

from __future__ import annotations

from conformance.data_models import USUAL
from conformance.target import TargetConfig
from conformance.verifies import CheckSpec

# By area: documents that grant paths of xStudent, what is read back of it, its fields one by one.
AREAS = (
    "pod/bundles",
    "pod/deletion",
    "pod/leak_scan",
    "pod/least_data",
    "translation/",
    "sif/validity",
    "sif/year",
)


def reason(config: TargetConfig, spec: CheckSpec) -> str:
    """Why a check is not applicable to this target's data model, empty if it is."""
    own = config.endpoint.model or config.endpoint.data_model
    if spec.role != "receiver" or own == USUAL or not spec.area.startswith(AREAS):
        return ""
    return f"it is asked with xStudent of Unity 4, the run is of {own}"
