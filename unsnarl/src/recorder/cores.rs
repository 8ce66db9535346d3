//! On which cores threads run.

#[cfg(target_os = "linux")]
mod linux {
    use std::sync::OnceLock;

    /// As many as the C library's `cpu_set_t` has.
    const CORES: usize = 1024;

    /// A set of cores.
    type Cores = [u8; CORES / 8];

    unsafe extern "C" {
        fn sched_getaffinity(thread: i32, size: usize, cores: *mut u8) -> i32;
        fn sched_setaffinity(thread: i32, size: usize, cores: *const u8) -> i32;
    }

    /// The cores that the first thread that asked might use.
    fn usable() -> Option<&'static Cores> {
        static USABLE: OnceLock<Option<Cores>> = OnceLock::new();
        let read = || {
            let mut cores = [0; CORES / 8];
            // SAFETY: 0 is the current thread, and `cores` has the size that is given.
            let failed = unsafe { sched_getaffinity(0, cores.len(), cores.as_mut_ptr()) } != 0;
            (!failed).then_some(cores)
        };
        USABLE.get_or_init(read).as_ref()
    }

    fn stay_on(cores: &Cores) {
        // SAFETY: as in `usable`. If it is refused, the thread stays where it was.
        let _ = unsafe { sched_setaffinity(0, cores.len(), cores.as_ptr()) };
    }

    pub(crate) fn stay_on_one(choice: u64) {
        let Some(cores) = usable() else { return };
        let has = |core: &usize| cores[core / 8] & (1 << (core % 8)) != 0;
        let usable: Vec<usize> = (0..CORES).filter(has).collect();
        let choice = usize::try_from(choice).unwrap_or_default();
        if let Some(core) = usable.get(choice % usable.len().max(1)) {
            let mut only = [0; CORES / 8];
            only[core / 8] = 1 << (core % 8);
            stay_on(&only);
        }
    }

    pub(crate) fn use_all() {
        if let Some(cores) = usable() {
            stay_on(cores);
        }
    }
}

/// Keeps the current thread, and those it will start, on one of the cores it may use.
pub(super) fn stay_on_one(choice: u64) {
    #[cfg(target_os = "linux")]
    linux::stay_on_one(choice);
    #[cfg(not(target_os = "linux"))]
    let _ = choice;
}

/// Lets the current thread, and those it will start, use all cores again.
pub(super) fn use_all() {
    #[cfg(target_os = "linux")]
    linux::use_all();
}
