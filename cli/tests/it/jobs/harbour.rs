fn noise() -> String {
    unsnarl::clean();
    std::env::var("UNSNARL_NOISE").unwrap_or_default()
}

#[test]
fn calm() {
    noise();
}

#[test]
fn flaky() {
    assert!(!noise().starts_with("sleeps"), "not like this");
}

#[test]
fn aborts() {
    if noise().starts_with("traps") {
        std::process::abort();
    }
}
