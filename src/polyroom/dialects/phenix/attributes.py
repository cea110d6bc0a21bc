"""What a member keeps of its publishing token: the capabilities its streams are shown with."""

from collections.abc import Iterable, Mapping

_CAPABILITIES = "phenix.capabilities"
_LONGEST = 512


def with_capabilities(capabilities: Iterable[str]) -> Mapping[str, str]:
    """The attributes of a participant whose token names these; what is too long for one is cut between two."""
    kept: list[str] = []
    for one in dict.fromkeys(capabilities):
        if sum(map(len, kept)) + len(kept) + len(one) > _LONGEST:
            break
        kept.append(one)
    return {_CAPABILITIES: ",".join(kept)} if kept else {}


def capabilities_of(attributes: Mapping[str, str]) -> list[str]:
    """The capabilities among a participant's attributes."""
    return [one for one in attributes.get(_CAPABILITIES, "")[:_LONGEST].split(",") if one]
