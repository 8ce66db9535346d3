//! The default: takes turns between strategies that find different bugs early.
//!
//! The first executions are plain: each thread runs as long as it can, the oldest first or the youngest, or each has its
//! turn. Then a small program is exhausted by partial-order reduction, with random strategies in between, since they come
//! sooner to the odd corner.
//!
//! Reads-from fuzzing (`rff`) is not among them. By `bench/EXPLORED.md` it finds every bug that the others find, and is the
//! quickest alone for none; with it in the round, after `surw`, the geometric mean was 7.6 schedules instead of 7.5.

use super::{Options, Strategy, View, dpor, kinds, pct, pos, replay, round_robin, surw};
use crate::op::Tid;
use crate::run::Run;
use crate::token::{Policy, Token};

/// A program with executions longer than this is not exhausted.
const SMALL: usize = 400;

/// What is tried first: schedules without chance.
const FIRST: &[Turn] = &[Turn::Oldest, Turn::Youngest, Turn::RoundRobin];

/// The order in which strategies take turns after that.
const ROUND: &[Turn] = &[
    Turn::Pos,
    Turn::Kinds,
    Turn::Dpor,
    Turn::Surw,
    Turn::Pos,
    Turn::Kinds,
    Turn::Pct,
    Turn::Dpor,
    Turn::RoundRobin,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Oldest,
    Youngest,
    Dpor,
    Pos,
    Kinds,
    Surw,
    Pct,
    RoundRobin,
}

/// See the module.
#[derive(Debug)]
pub struct Portfolio {
    executions: usize,
    turn: Turn,
    is_large: bool,
    oldest: replay::Replay,
    youngest: replay::Replay,
    kinds: kinds::Kinds,
    dpor: dpor::Dpor,
    pos: pos::Pos,
    surw: surw::Surw,
    pct: pct::Pct,
    round_robin: round_robin::RoundRobin,
}

impl Default for Portfolio {
    fn default() -> Self {
        Self {
            executions: 0,
            turn: Turn::Oldest,
            is_large: false,
            oldest: plain(Policy::Oldest),
            youngest: plain(Policy::Youngest),
            kinds: kinds::Kinds::default(),
            dpor: dpor::Dpor::default(),
            pos: pos::Pos::default(),
            surw: surw::Surw::default(),
            pct: pct::Pct::default(),
            round_robin: round_robin::RoundRobin::default(),
        }
    }
}

impl Portfolio {
    fn next_turn(&self) -> Turn {
        if let Some(&turn) = FIRST.get(self.executions) {
            return turn;
        }
        let turn = ROUND[(self.executions - FIRST.len()) % ROUND.len()];
        if turn == Turn::Dpor && self.is_large {
            return Turn::Kinds;
        }
        turn
    }

    fn strategy(&mut self) -> &mut dyn Strategy {
        match self.turn {
            Turn::Oldest => &mut self.oldest,
            Turn::Youngest => &mut self.youngest,
            Turn::Kinds => &mut self.kinds,
            Turn::Dpor => &mut self.dpor,
            Turn::Pos => &mut self.pos,
            Turn::Surw => &mut self.surw,
            Turn::Pct => &mut self.pct,
            Turn::RoundRobin => &mut self.round_robin,
        }
    }
}

/// A policy, and nothing else.
fn plain(policy: Policy) -> replay::Replay {
    replay::Replay::new(Token {
        policy,
        deviations: Vec::new(),
    })
}

impl Strategy for Portfolio {
    fn begin(&mut self, seed: u64) -> bool {
        if self.dpor.is_exhausted() {
            return false;
        }
        self.turn = self.next_turn();
        self.executions += 1;
        self.strategy().begin(seed)
    }

    fn choose(&mut self, view: &View<'_>) -> Tid {
        self.strategy().choose(view)
    }

    fn choose_option(&mut self, options: &Options<'_>) -> usize {
        self.strategy().choose_option(options)
    }

    fn end(&mut self, run: &Run, is_new: bool) {
        self.is_large |= run.steps().len() > SMALL;
        self.strategy().end(run, is_new);
        // What one execution shows of the program is worth knowing to all who count.
        if self.turn != Turn::Surw {
            self.surw.end(run, is_new);
        }
    }

    fn forget(&mut self) {
        self.dpor.forget();
    }

    fn is_exhausted(&self) -> bool {
        self.dpor.is_exhausted()
    }
}
