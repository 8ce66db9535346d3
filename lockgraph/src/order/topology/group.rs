//! Groups: nodes on common cycles, searched as one.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::components::components;
use crate::order::topology::graph::{ALONE, Graph, Group, small};

/// Groups up to this size are split exactly whenever a node leaves them.
const SMALL_GROUP: usize = 32;

/// Which way to follow arcs.
#[derive(Clone, Copy)]
enum Way {
    Forward,
    Backward,
}

impl Graph {
    /// Melts all that lies on paths from `w` to `v` into one group: they are on one level.
    pub(super) fn melt(&mut self, v: u32, w: u32) {
        // The larger side is the goal, because the goal is not searched.
        let nodes = if self.members(v).len() >= self.members(w).len() {
            self.between(w, v, Way::Forward)
        } else {
            self.between(v, w, Way::Backward)
        };
        let largest = nodes
            .iter()
            .copied()
            .max_by_key(|&node| self.members(node).len())
            .expect("a cycle has nodes");
        let group = self.group_of(largest);
        for node in nodes {
            self.move_into(node, group);
        }
    }

    /// One node of each group, or lone node, on the paths from `start` to `goal` within their level.
    fn between(&self, start: u32, goal: u32, way: Way) -> Vec<u32> {
        let (start, goal) = (self.members(start)[0], self.members(goal)[0]);
        let mut before: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        let mut seen = FxHashSet::from_iter([start]);
        let mut stack = vec![start];
        while let Some(node) = stack.pop() {
            for next in self.neighbours(node, way) {
                before.entry(next).or_default().push(node);
                if next != goal && seen.insert(next) {
                    stack.push(next);
                }
            }
        }
        let mut found = FxHashSet::from_iter([goal]);
        let mut stack = vec![goal];
        while let Some(node) = stack.pop() {
            for &previous in before.get(&node).into_iter().flatten() {
                if found.insert(previous) {
                    stack.push(previous);
                }
            }
        }
        found.into_iter().collect()
    }

    /// The first members of the groups next to this group within its level.
    fn neighbours(&self, node: u32, way: Way) -> impl Iterator<Item = u32> {
        let level = self.level(node);
        self.members(node)
            .iter()
            .flat_map(move |&member| match way {
                Way::Forward => self.arcs_out(member),
                Way::Backward => self.arcs_into(member),
            })
            .filter(move |link| self.level(link.node) == level)
            .map(|link| self.members(link.node)[0])
            .filter(move |&next| next != node)
    }

    /// The group of a node, made for it if it is alone.
    fn group_of(&mut self, node: u32) -> u32 {
        let known = self.nodes[node as usize].group;
        if known != ALONE {
            return known;
        }
        let group = self.free_groups.pop().unwrap_or_else(|| {
            self.groups.push(Group::default());
            small(self.groups.len() - 1)
        });
        self.groups[group as usize].members.push(node);
        self.nodes[node as usize].group = group;
        group
    }

    /// Moves a node, with its group, into another group.
    fn move_into(&mut self, node: u32, group: u32) {
        let old = self.nodes[node as usize].group;
        let moved = match old {
            _ if old == group => return,
            ALONE => vec![node],
            _ => self.dissolve(old),
        };
        for &node in &moved {
            self.nodes[node as usize].group = group;
        }
        self.groups[group as usize].members.extend(moved);
    }

    /// Ends a group, and returns its members, now alone.
    fn dissolve(&mut self, group: u32) -> Vec<u32> {
        let members = std::mem::take(&mut self.groups[group as usize]).members;
        for &member in &members {
            self.nodes[member as usize].group = ALONE;
        }
        self.free_groups.push(group);
        members
    }

    /// Takes a node out of its group, which may fall apart.
    pub(super) fn leave_group(&mut self, node: u32) {
        let number = std::mem::replace(&mut self.nodes[node as usize].group, ALONE);
        if number == ALONE {
            return;
        }
        let group = &mut self.groups[number as usize];
        group.members.retain(|&member| member != node);
        group.removed += 1;
        let left = group.members.len();
        if left <= SMALL_GROUP || group.removed >= left {
            self.split(number);
        }
    }

    /// Splits a group into what still lies on common cycles. All of it is on one level, so the order stands.
    fn split(&mut self, group: u32) {
        let members = self.dissolve(group);
        let places: FxHashMap<u32, usize> = members.iter().copied().zip(0..).collect();
        let inner: Vec<Vec<usize>> = members
            .iter()
            .map(|&from| {
                let out = self.arcs_out(from).iter();
                out.filter_map(|link| places.get(&link.node).copied())
                    .collect()
            })
            .collect();
        for component in components(&inner) {
            if let [first, rest @ ..] = component.as_slice()
                && !rest.is_empty()
            {
                let group = self.group_of(members[*first]);
                for &node in rest {
                    self.move_into(members[node], group);
                }
            }
        }
    }
}
