//! Who waits for whom in an execution in which nobody can go on.

use explore::op::{Act, Op, Tid};
use lockgraph::held::Held;
use lockgraph::wait::knot::Knot;
use lockgraph::wait::need::{Deed, Need, Target, Wait};
use lockgraph::wait::{Outlook, WaitFor};
use model::id::LockId;
use model::kind::Kind;
use model::site::Origin;

use super::execution::{Execution, thread_id};

impl Execution {
    /// The threads that can never go on, if the program waits for one of them or nothing outside could free them.
    pub(super) fn knot(&self) -> Option<Knot> {
        let is_awaited = !self.run.world.thread(Tid::MAIN).is_over;
        let (_, knot) = self.waits();
        knot.filter(|knot| knot.is_certain || is_awaited)
    }

    /// Who waits for whom, and the threads that can never go on.
    pub(super) fn waits(&self) -> (WaitFor, Option<Knot>) {
        let mut graph = WaitFor::default();
        let threads = || (0..).map(Tid).zip(self.run.world.threads());
        for (tid, _) in threads() {
            graph.begin(thread_id(tid), self.threads[tid.index()].who.clone());
        }
        for (tid, _) in threads().filter(|(_, thread)| thread.is_over) {
            let _ = graph.end(thread_id(tid), self.threads[tid.index()].held.held());
        }
        let mut knot = None;
        for (tid, thread) in threads() {
            let Some(wait) = thread.pending.and_then(|op| self.wait(tid, &op)) else {
                continue;
            };
            if let Outlook::Knot(found) = graph.wait(thread_id(tid), wait) {
                knot = Some(found);
            }
        }
        (graph, knot)
    }

    fn wait(&self, tid: Tid, op: &Op) -> Option<Wait> {
        let site = op.site?;
        let own = Target {
            id: LockId::NONE,
            kind: Kind::Thread,
            origin: Origin::Created(site),
        };
        let target = self.target(op.object).unwrap_or(own);
        let mut held: &[Held] = self.threads[tid.index()].held.held();
        let mut retake = None;
        let (target, need) = match op.act {
            Act::Lock(mode) => {
                held = held.split_last().map_or(held, |(_asked, below)| below);
                (target, Need::Lock(mode))
            }
            Act::Wake { mutex, .. } => {
                retake = self.target(mutex);
                (target, Need::Anyone(Deed::Notify))
            }
            Act::Recv { .. } => (target, Need::Anyone(Deed::Send)),
            Act::Send => (target, Need::Anyone(Deed::Receive)),
            Act::Park { .. } => (own, Need::Anyone(Deed::Unpark)),
            Act::Join(child) => (own, Need::End(thread_id(child))),
            Act::JoinAll => {
                let members = self.run.world.scope(op.object);
                let left = members
                    .iter()
                    .filter(|child| !self.run.world.thread(**child).is_over);
                (target, Need::Ends(left.copied().map(thread_id).collect()))
            }
            Act::Asleep => self.threads[tid.index()].need.clone()?,
            _ => return None,
        };
        Some(Wait {
            target,
            need,
            retake,
            site,
            held: held.to_vec(),
            also: Vec::new(),
        })
    }
}
