//! What can happen in an explored execution: settings that belong to a replay token, since without them it does not fit.

use clap::{Args, ValueEnum};

/// The settings, as far as they are not what they are if nothing is said.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Executions")]
pub(crate) struct Kind {
    /// After so many steps of an execution each thread gets its turn, and after twice as many it is cut off: a livelock if
    /// nobody got anywhere meanwhile [default: 20000]
    #[arg(long, env = "UNSNARL_MAX_STEPS", value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_steps: Option<u64>,
    /// How many bytes of stack each thread has [default: 1048576]
    #[arg(long, env = "UNSNARL_STACK_SIZE", value_name = "BYTES")]
    stack_size: Option<u64>,
    /// Waits of condition variables and parks are over though nobody ended them [default: on]
    #[arg(
        long,
        env = "UNSNARL_SPURIOUS",
        value_name = "ON|OFF",
        hide_possible_values = true
    )]
    spurious: Option<Switch>,
    /// A weak compare-exchange fails though the value is right [default: off in plain tests]
    #[arg(
        long,
        env = "UNSNARL_WEAK_FAILURES",
        value_name = "ON|OFF",
        hide_possible_values = true
    )]
    weak_failures: Option<Switch>,
    /// Timeouts come while other threads could go on [default: off]
    #[arg(
        long,
        env = "UNSNARL_EARLY_TIMEOUTS",
        value_name = "ON|OFF",
        hide_possible_values = true
    )]
    early_timeouts: Option<Switch>,
    /// `try_lock` fails though the lock is free [default: off]
    #[arg(
        long,
        env = "UNSNARL_FAILING_TRIES",
        value_name = "ON|OFF",
        hide_possible_values = true
    )]
    failing_tries: Option<Switch>,
    /// A load shows an older value of an atomic where the orderings let it [default: on]
    #[arg(
        long,
        env = "UNSNARL_WEAK_MEMORY",
        value_name = "ON|OFF",
        hide_possible_values = true
    )]
    weak_memory: Option<Switch>,
}

/// On or off.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Switch {
    #[value(alias = "1", alias = "true")]
    On,
    #[value(alias = "0", alias = "false")]
    Off,
}

impl Switch {
    fn word(self) -> String {
        match self {
            Self::On => "on".to_owned(),
            Self::Off => "off".to_owned(),
        }
    }
}

impl Kind {
    /// The settings that were made: the flag and the variable of each, and its value.
    fn settings(&self) -> impl Iterator<Item = (&'static str, &'static str, String)> {
        let number = |number: u64| number.to_string();
        let all = [
            ("max-steps", "UNSNARL_MAX_STEPS", self.max_steps.map(number)),
            (
                "stack-size",
                "UNSNARL_STACK_SIZE",
                self.stack_size.map(number),
            ),
            (
                "spurious",
                "UNSNARL_SPURIOUS",
                self.spurious.map(Switch::word),
            ),
            (
                "weak-failures",
                "UNSNARL_WEAK_FAILURES",
                self.weak_failures.map(Switch::word),
            ),
            (
                "early-timeouts",
                "UNSNARL_EARLY_TIMEOUTS",
                self.early_timeouts.map(Switch::word),
            ),
            (
                "failing-tries",
                "UNSNARL_FAILING_TRIES",
                self.failing_tries.map(Switch::word),
            ),
            (
                "weak-memory",
                "UNSNARL_WEAK_MEMORY",
                self.weak_memory.map(Switch::word),
            ),
        ];
        let made = |(flag, variable, value): (_, _, Option<String>)| Some((flag, variable, value?));
        all.into_iter().filter_map(made)
    }

    /// As variables of a test process.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.settings()
            .map(|(_, variable, value)| (variable, value))
    }

    /// As flags to be pasted, each after a space.
    pub(crate) fn pasted(&self) -> String {
        let flags = self
            .settings()
            .map(|(flag, _, value)| format!(" --{flag} {value}"));
        flags.collect()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::Kind;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        kind: Kind,
    }

    #[test]
    fn what_was_said_is_handed_on_and_nothing_else() {
        let said = ["explore", "--weak-memory", "0", "--max-steps", "50"];
        let kind = Command::parse_from(said).kind;
        assert_eq!(kind.pasted(), " --max-steps 50 --weak-memory off");
        let variables: Vec<_> = kind.variables().collect();
        let [steps, memory] = ["50", "off"].map(str::to_owned);
        let expected = [
            ("UNSNARL_MAX_STEPS", steps),
            ("UNSNARL_WEAK_MEMORY", memory),
        ];
        assert_eq!(variables, expected);
    }
}
