//! Several workers on one exploration: each takes every n-th schedule, on threads of its own. None looks at what the others
//! find, so that the same seed and the same number of workers find the same.

use std::thread;

use super::Campaign;
use crate::explorer::Explorer;

/// Strategies that do not draw from a seed: every worker would do the same.
const WITHOUT_SEED: &[&str] = &["dfs", "dpor", "round-robin"];

impl Explorer {
    /// How many workers there are for a program.
    fn workers(&self) -> usize {
        if WITHOUT_SEED.contains(&&*self.strategy) {
            return 1;
        }
        self.jobs.min(self.schedules).max(1)
    }

    /// What this one of so many workers does.
    fn share(&self, worker: usize, of: usize) -> Self {
        let (part, parts) = self.shard;
        let mut share = self.clone();
        share.shard = (part * of as u64 + worker as u64, parts * of as u64);
        share.schedules = (self.schedules + of - 1 - worker) / of;
        share
    }
}

impl Campaign<'_> {
    /// Explores what is left to explore.
    pub(super) fn explore_together(&mut self) {
        // Statics are the process's, and so only one execution at a time can begin with them.
        let workers = match self.program.statics {
            Some(_) => 1,
            None => self.explorer.workers(),
        };
        if workers == 1 || self.is_over() {
            return self.explore_alone();
        }
        let shares: Vec<Explorer> = (0..workers)
            .map(|worker| self.explorer.share(worker, workers))
            .collect();
        let program = &self.program;
        let done: Vec<Campaign<'_>> = thread::scope(|scope| {
            let work = |share| {
                let mut campaign = Campaign::new(share, program.again());
                scope.spawn(move || {
                    campaign.explore_alone();
                    campaign
                })
            };
            let running: Vec<_> = shares.iter().map(work).collect();
            let join = |worker: thread::ScopedJoinHandle<'_, _>| match worker.join() {
                Ok(campaign) => campaign,
                Err(payload) => std::panic::resume_unwind(payload),
            };
            running.into_iter().map(join).collect()
        });
        for (worker, campaign) in done.into_iter().enumerate() {
            self.take_over(campaign, worker, workers);
        }
    }

    /// What a worker has come to.
    fn take_over(&mut self, other: Campaign<'_>, worker: usize, of: usize) {
        let at = other.first_finding_at.map(|at| (at - 1) * of + worker + 1);
        self.first_finding_at = self.first_finding_at.into_iter().chain(at).min();
        self.statistics.merge(&other.statistics);
        self.exhausted |= other.exhausted;
        self.overran |= other.overran;
        self.cut += other.cut;
        self.obstacle = self.obstacle.take().or(other.obstacle);
        for found in other.found {
            if self.known.insert(found.finding.fingerprint.clone()) {
                self.found.push(found);
            }
        }
    }
}
