//! No noise: injection makes some bugs rarer, so plain runs stay in the mix.

use super::Policy;
use crate::point::Disturbance;

pub(super) const POLICY: Policy = Policy {
    name: "plain",
    meaning: "nothing is disturbed",
    one_core: false,
    disturb: |_, _| Disturbance::None,
};
