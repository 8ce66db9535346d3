//! Reading the names of one report, each file parsed at most once.

#[cfg(feature = "names")]
use std::collections::HashMap;
use std::collections::HashSet;

use model::kind::Kind;
use model::site::Site;

use super::{binding, scan, tidy};
use crate::source::Sources;
use crate::source::file::SourceFile;

/// Kinds of things that are waited on themselves: `wait` names them, and not a mutex that it releases.
const WAITED_ON: &[Kind] = &[Kind::Condvar, Kind::Barrier, Kind::Once, Kind::OnceLock];

pub(super) struct Reader<'a> {
    sources: &'a Sources,
    #[cfg(feature = "names")]
    parsed: HashMap<String, super::parsed::Receivers>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(sources: &'a Sources) -> Self {
        Self {
            sources,
            #[cfg(feature = "names")]
            parsed: HashMap::new(),
        }
    }

    /// What the source calls a thing, the best name first: where it is used, then where it is made.
    pub(super) fn names(
        &mut self,
        kind: &str,
        used: &[Site],
        created: Option<&Site>,
    ) -> Vec<String> {
        let is_waited_on = WAITED_ON.iter().any(|one| one.word() == kind);
        let (waits, others): (Vec<&Site>, Vec<&Site>) = used
            .iter()
            .partition(|site| !is_waited_on && self.is_wait(site));
        let mut names: Vec<String> = others.iter().filter_map(|site| self.used(site)).collect();
        names.extend(created.and_then(|site| self.created(site)));
        names.extend(waits.iter().filter_map(|site| self.used(site)));
        let mut seen = HashSet::new();
        names.retain(|name| seen.insert(name.clone()));
        names
    }

    fn is_wait(&self, site: &Site) -> bool {
        let Some(file) = self.sources.file(&site.file) else {
            return false;
        };
        let token = file.token(site).unwrap_or_default();
        file.text()[token].starts_with("wait")
    }

    fn used(&mut self, site: &Site) -> Option<String> {
        let file = self.sources.file(&site.file)?;
        let offset = file.offset(site)?;
        self.receiver(&file, site)
            .or_else(|| scan::receiver(file.text(), offset))
            .and_then(|text| tidy::name(&text))
    }

    fn created(&self, site: &Site) -> Option<String> {
        let file = self.sources.file(&site.file)?;
        let name = binding::name(file.text(), file.offset(site)?)?;
        tidy::name(name)
    }

    #[cfg(feature = "names")]
    fn receiver(&mut self, file: &SourceFile, site: &Site) -> Option<String> {
        if !self.parsed.contains_key(&site.file) {
            let receivers = super::parsed::Receivers::of(file);
            self.parsed.insert(site.file.clone(), receivers);
        }
        self.parsed.get(&site.file)?.at(site.line, site.column)
    }

    #[cfg(not(feature = "names"))]
    #[expect(clippy::unused_self, reason = "the parsing form keeps what it parsed")]
    fn receiver(&mut self, _file: &SourceFile, _site: &Site) -> Option<String> {
        None
    }
}
