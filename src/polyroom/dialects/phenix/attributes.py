"""What a member keeps of its publishing token or its fork: the capabilities and tags of its streams."""

from collections.abc import Iterable, Mapping

_CAPABILITIES = "phenix.capabilities"
_TAGS = "phenix.tags"
_LONGEST = 512


def with_capabilities(capabilities: Iterable[str]) -> Mapping[str, str]:
    """The attributes of a participant whose token names these; what is too long for one is cut between two."""
    return _kept(_CAPABILITIES, capabilities)


def with_tags(tags: Iterable[str]) -> Mapping[str, str]:
    """The attributes of a participant whose streams have these tags."""
    return _kept(_TAGS, tags)


def _kept(name: str, words: Iterable[str]) -> Mapping[str, str]:
    kept: list[str] = []
    for one in dict.fromkeys(words):
        if sum(map(len, kept)) + len(kept) + len(one) > _LONGEST:
            break
        kept.append(one)
    return {name: ",".join(kept)} if kept else {}


def capabilities_of(attributes: Mapping[str, str]) -> list[str]:
    """The capabilities among a participant's attributes."""
    return [one for one in attributes.get(_CAPABILITIES, "")[:_LONGEST].split(",") if one]
