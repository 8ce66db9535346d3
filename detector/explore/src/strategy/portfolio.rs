//! The default: takes turns between strategies that find different bugs early.
//!
//! The first execution is the plain one, each thread running as long as it can. A small program is then exhausted by
//! partial-order reduction if that goes quickly, with random strategies in between, since they come sooner to the odd
//! corner.

use super::{Strategy, View, dpor, pct, pos, replay, round_robin, surw};
use crate::op::Tid;
use crate::run::Run;
use crate::token::Token;

/// A program with executions longer than this is not exhausted.
const SMALL: usize = 400;

/// The order in which strategies take turns after the first execution.
const ROUND: &[Turn] = &[
    Turn::Pos,
    Turn::Dpor,
    Turn::Surw,
    Turn::Pct,
    Turn::Dpor,
    Turn::Pos,
    Turn::Surw,
    Turn::RoundRobin,
    Turn::Dpor,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Plain,
    Dpor,
    Pos,
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
    plain: replay::Replay,
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
            turn: Turn::Plain,
            is_large: false,
            plain: replay::Replay::new(Token::default()),
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
        if self.executions == 0 {
            return Turn::Plain;
        }
        let turn = ROUND[(self.executions - 1) % ROUND.len()];
        if turn == Turn::Dpor && self.is_large {
            return if self.executions.is_multiple_of(2) {
                Turn::Pos
            } else {
                Turn::Surw
            };
        }
        turn
    }

    fn strategy(&mut self) -> &mut dyn Strategy {
        match self.turn {
            Turn::Plain => &mut self.plain,
            Turn::Dpor => &mut self.dpor,
            Turn::Pos => &mut self.pos,
            Turn::Surw => &mut self.surw,
            Turn::Pct => &mut self.pct,
            Turn::RoundRobin => &mut self.round_robin,
        }
    }
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
