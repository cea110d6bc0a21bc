"""The two forms of the API that are served."""

from enum import Enum


class Edition(Enum):
    """DOCUMENT answers as the public OpenAPI document says, SDK as the vendor's own packages and pages expect.

    Paths and parameters are the same in both; bodies differ where the two contradict each other.
    """

    DOCUMENT = "/100ms/v2"
    SDK = "/100ms/sdk/v2"
