"""Any slug of any kind, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from server.lib.slugs import (
    AccountRef,
    AliasSlug,
    BlockSlug,
    DeviceSlug,
    FilterSlug,
    FleetSlug,
    OrgRef,
    ProjectSlug,
    ScriptSlug,
    Slug,
    StreamerSlug,
    StreamSlug,
    VariableSlug,
)


def unsigned(bits: int) -> st.SearchStrategy[int]:
    return st.integers(0, 2**bits - 1)


NAMES = st.text(alphabet="abcxyzABC019-_", min_size=1, max_size=60)

SLUGS: dict[type[Slug], st.SearchStrategy[Slug]] = {
    ProjectSlug: st.builds(ProjectSlug, unsigned(32)),
    DeviceSlug: st.builds(DeviceSlug, unsigned(48)),
    BlockSlug: st.builds(BlockSlug, unsigned(48), unsigned(16)),
    VariableSlug: st.builds(VariableSlug, unsigned(32), unsigned(16)),
    StreamSlug: st.builds(StreamSlug, unsigned(32), unsigned(48), unsigned(16), unsigned(16)),
    StreamerSlug: st.builds(StreamerSlug, unsigned(48), unsigned(16)),
    FilterSlug: st.builds(FilterSlug, unsigned(32), st.none() | unsigned(48), unsigned(16)),
    AliasSlug: st.builds(AliasSlug, unsigned(64)),
    FleetSlug: st.builds(FleetSlug, unsigned(48)),
    ScriptSlug: st.builds(ScriptSlug, unsigned(32)),
    AccountRef: st.builds(AccountRef, NAMES),
    OrgRef: st.builds(OrgRef, NAMES),
}

NUMBERED_KINDS = [kind for kind in SLUGS if kind not in (AccountRef, OrgRef)]
